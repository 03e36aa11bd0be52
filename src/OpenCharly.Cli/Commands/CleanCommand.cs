using System.CommandLine;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly clean</c>.</summary>
internal static class CleanCommand
{
    public static void Fill(Command group, CommandHost host)
    {
        var images = Parameters.Flag("--images", "Older images of boxes");
        var runs = Parameters.Flag("--eval", "Older results of runs of checks");
        var caches = Parameters.Flag("--invalidate", "Package caches and root file systems that builds of this project's boxes keep");
        var keep = Parameters.Whole("--keep", "N", "Images of each box, and runs, that stay (default: the settings keep_images and keep_eval_runs)");
        var dryRun = Parameters.DryRun();
        foreach (var option in (Option[])[images, runs, caches, keep, dryRun]) group.Add(option);
        group.SetAction(host.Action(async (run, cancellationToken) =>
        {
            var parsed = run.Parsed;
            var request = new CleanRequest
            {
                Images = parsed.GetValue(images), Runs = parsed.GetValue(runs), Caches = parsed.GetValue(caches), Keep = parsed.GetValue(keep), DryRun = parsed.GetValue(dryRun),
            };
            var gone = await new Clean(run.Context).RunAsync(request, cancellationToken).ConfigureAwait(false);
            run.PrintAll(gone, all => string.Concat(all.Select(i => $"{i.Kind} {i.Name}\n")), (json, item) =>
            {
                json.WriteStartObject();
                json.WriteString("kind", item.Kind);
                json.WriteString("name", item.Name);
                json.WriteEndObject();
            });
            return 0;
        }));
    }
}
