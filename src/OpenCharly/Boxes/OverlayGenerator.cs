using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>
/// The thin image that <c>add_candy</c> of a pod makes of a base image and some candies (pod.md §13). All that it needs to
/// know of the base is in the base's labels.
/// </summary>
/// <param name="context">The build's context: the project's folder.</param>
internal sealed class OverlayGenerator(string context)
{
    /// <summary>The tag of an overlay: the same base and candies always have the same.</summary>
    /// <param name="key">Deploy key.</param>
    /// <param name="baseReference">The base image.</param>
    /// <param name="candies">References of the candies as given; their order means nothing.</param>
    public static string TagOf(string key, string baseReference, IEnumerable<string> candies)
    {
        var text = new StringBuilder(baseReference).Append('\0');
        foreach (var candy in candies.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)) text.Append(candy).Append('\0');
        return $"{Dashed(key)}-overlay:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12]}";
    }

    /// <summary>The full reference of an overlay.</summary>
    public static string ReferenceOf(string key, string baseReference, IEnumerable<string> candies) => "localhost/" + TagOf(key, baseReference, candies);

    /// <summary>Writes the Containerfile of an overlay.</summary>
    /// <param name="key">Deploy key.</param>
    /// <param name="image">The base image.</param>
    /// <param name="baseUser">User that the base's containers run as.</param>
    /// <param name="references">References of the candies as given.</param>
    /// <param name="candies">All candies, in order; those that the base has are skipped.</param>
    /// <param name="builders">References of the images that builders run in, by builder.</param>
    /// <exception cref="CharlyException">What a candy gets wrong, with its place.</exception>
    public GeneratedBox Generate(
        string key, BoxImage image, string baseUser, IReadOnlyList<string> references, IReadOnlyList<Candy> candies, IReadOnlyDictionary<string, string> builders)
    {
        var labels = image.Labels;
        var user = new BoxUser(labels.User, labels.Uid, labels.Gid, labels.Home, IsAdopted: true);
        IReadOnlyList<Candy> own = [.. candies.Where(c => !labels.CandyVersions.ContainsKey(c.Name))];
        var plan = PlanCompiler.Compile(ContainerfileGenerator.Request(
            labels.Box.Length > 0 ? labels.Box : Dashed(key), own, labels.Distros, user, labels.Init == "systemd", builders));
        var name = "overlay-" + Dashed(key);
        var inline = new InlineFiles(".build/" + name);
        var main = new ContainerfileText();
        var before = new ContainerfileText();
        var stages = new CandyStages(before, inline, context, plan, user);
        foreach (var candy in own) stages.Add(candy, labels.Init == "systemd");
        main.From("${BASE_IMAGE}");
        main.User("root");
        main.Environment(BoxEnvironment.Of(own, [], user.Home));
        var ports = own.SelectMany(c => c.Ports).Select(p => new ContainerPort(p.Number, p.Scheme == "udp")).Distinct().ToList();
        if (ports.Count > 0) main.Add($"EXPOSE {string.Join(' ', ports)}");
        ContainerfileGenerator.CopyArtifacts(main, plan, user);
        ContainerfileGenerator.CopyExtracts(main, own);
        ContainerfileGenerator.CopyData(main, own, user);
        var instructions = new CandyInstructions(main, inline, stages, plan, user);
        foreach (var candy in own) instructions.Add(candy);
        if (labels.Init == "supervisord" && SupervisorText.Fragments(own, user) is { Length: > 0 } fragments)
        {
            main.Blank();
            main.Add(stages.Run("charly", $"set -e\nprintf '\\n%s' {Shell.Quote(fragments)} >>{SupervisorText.Path}\n"));
        }

        main.Blank();
        main.User(baseUser.Length > 0 ? baseUser : "root");
        var all = BoxLabelComposer.With(labels, own, builders);
        main.Labels(BoxLabelWriter.Write(all));
        var head = new ContainerfileText();
        head.Comment($"Overlay of {image.Reference} for the deployment {key}, made by charly; changes here are lost");
        head.Add($"ARG BASE_IMAGE={ImageName.Parse(image.Reference).Text}");
        if (inline.HasTexts)
        {
            head.From("scratch", CandyStages.Steps);
            head.Copy([], $"{inline.Folder}/_inline/", "/");
        }

        var skipped = candies.Where(c => labels.CandyVersions.ContainsKey(c.Name)).Select(c => $"{c.Name} is in {image.Reference} already");
        return new GeneratedBox
        {
            Name = name,
            Reference = ReferenceOf(key, image.Reference, references),
            Context = context,
            Text = ContainerfileGenerator.Join(head, before, main),
            Files = inline.All,
            Labels = all,
            Needs = [image.Reference],
            Warnings = [.. plan.Warnings, .. ContainerfileGenerator.LeftOut(plan), .. skipped],
        };
    }

    private static string Dashed(string key) => key.Replace('/', '-').ToLowerInvariant();
}
