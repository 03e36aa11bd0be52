using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>The stages before the last one: files of candies, language builders, parts of foreign images (candy-and-plan.md §8.1).</summary>
/// <param name="text">The Containerfile.</param>
/// <param name="inline">What lies beside it.</param>
/// <param name="projectFolder">The build's context.</param>
/// <param name="plan">The plan of the candies.</param>
/// <param name="user">The user that artefacts are built for.</param>
internal sealed class CandyStages(ContainerfileText text, InlineFiles inline, string projectFolder, InstallPlan plan, BoxUser user)
{
    /// <summary>Stage that holds the scripts which the build runs. No candy can be called that.</summary>
    public const string Steps = "charly.steps";

    /// <summary>Where a script stands while it runs.</summary>
    public const string ScriptPath = "/tmp/charly-step";

    /// <summary>The stage of a candy's files.</summary>
    public static string Of(Candy candy) => candy.Name;

    /// <summary>The stage that one of its builders builds in.</summary>
    public static string OfBuilder(string candy, string builder) => $"{candy}-{builder}-build";

    /// <summary>The stage of a foreign image that it takes something from.</summary>
    public static string OfExtract(string candy, int index) => $"{candy}-extract-{index + 1}";

    /// <summary>Whether a candy's files are needed.</summary>
    public static bool NeedsFiles(Candy candy, InstallPlan plan, bool hasSystemd) =>
        candy.Data.Count > 0 || (hasSystemd && candy.UnitFiles.Count > 0)
        || plan.Steps.Any(s => s.Candy == candy.Name && s is OpStep { Files.Count: > 0 });

    /// <summary>Writes the stages of one candy.</summary>
    public void Add(Candy candy, bool hasSystemd)
    {
        if (NeedsFiles(candy, plan, hasSystemd)) Files(Of(candy), candy.SourceFolder);
        var builders = plan.Steps.OfType<BuilderStep>().Where(b => b.Candy == candy.Name && b.Enabled).ToList();
        if (builders.Count > 0) Files(OfFolder(candy.Name), candy.Folder);
        foreach (var builder in builders.Where(b => b.Builder != "cargo")) Builder(builder);
        foreach (var (extract, index) in candy.Extracts.Select((e, i) => (e, i))) text.From(ImageName.Parse(extract.Source).Text, OfExtract(candy.Name, index));
    }

    /// <summary>The options of a <c>RUN</c> that runs a script.</summary>
    public string Run(string candy, string script, params IEnumerable<string> mounts)
    {
        var path = inline.Add(candy, script);
        var source = path[(path.IndexOf("/_inline/", StringComparison.Ordinal) + "/_inline".Length)..];
        return $"RUN {string.Join(' ', mounts.Prepend($"--mount=type=bind,from={Steps},source={source},target={ScriptPath}"))} bash {ScriptPath}";
    }

    /// <summary>The mount that shows a candy's files to a script.</summary>
    public static string ContextMount(string candy) => $"--mount=type=bind,from={candy},target={BoxScripts.Context}";

    /// <summary>The script of a builder, for the user that it builds for.</summary>
    public static string BuilderScript(BuilderStep step, BoxUser user)
    {
        // Caches stand where every builder finds them, whoever runs it.
        var caches = step.Builder switch
        {
            "npm" => "export npm_config_cache=/tmp/npm-cache\n",
            "pixi" => "export PIXI_CACHE_DIR=/tmp/pixi-cache RATTLER_CACHE_DIR=/tmp/rattler-cache\n",
            "cargo" => "export CARGO_HOME=\"$HOME/.cargo\"\nmkdir -p \"$CARGO_HOME\"\nln -sfnT /tmp/cargo-cache \"$CARGO_HOME/registry\"\n",
            _ => "",
        };
        var after = step.Builder == "cargo" ? "rm -f \"$CARGO_HOME/registry\"\n" : "";
        return $"set -e\n# {BoxScripts.DigestOf([step])}\nexport HOME={Shell.Quote(user.Home)}\nmkdir -p \"$HOME\"\n{caches}{BuilderScripts.Build(step)}{after}";
    }

    /// <summary>Mounts of a builder: the candy's folder and caches.</summary>
    public static IEnumerable<string> BuilderMounts(BuilderStep step, BoxUser? owner) =>
        CacheMounts.OfBuilder(step.Builder).Select(c => CacheMounts.Of(c, owner)).Prepend($"--mount=type=bind,from={OfFolder(step.Candy)},target=/work");

    private static string OfFolder(string candy) => candy + "-folder";

    private void Files(string stage, string folder)
    {
        text.From("scratch", stage);
        var relative = Path.GetRelativePath(projectFolder, folder).Replace('\\', '/');
        if (relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative))
        {
            // The candy of another project: a build sees nothing outside of its context.
            relative = $"_candy/{stage}";
            foreach (var file in CandyFiles.Tree(folder)) inline.Copy($"{relative}/{file.Path}", File.ReadAllBytes(Path.Combine(folder, file.Path)), file.Mode == "0755");
            relative = inline.Folder + "/" + relative;
        }

        text.Copy([], relative == "." ? "./" : relative.TrimEnd('/') + "/", "/");
    }

    private void Builder(BuilderStep step)
    {
        if (step.BuilderImage is not { } image)
        {
            throw new CharlyException(
                Errors.BoxBuilder, $"candy {step.Candy} needs {step.Builder}, but no builder is configured for it",
                $"Add builder: {{{step.Builder}: BOX}} to the box or to defaults:.", target: step.Candy);
        }

        text.From(image, OfBuilder(step.Candy, step.Builder));
        text.User("root");
        text.Add(Run(step.Candy, BuilderScript(step, user), BuilderMounts(step, owner: null)));
    }
}
