using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Building;

/// <summary>
/// Runs a language builder in a container (candy-and-plan.md §6.6). An empty folder of this machine stands at the path of
/// the target's home, so that paths which end up in what is built are right there; the builders' caches are this machine's.
/// </summary>
/// <param name="processes">Runs programs.</param>
/// <param name="podman">Runs containers.</param>
/// <param name="folder">Where builds of this run happen.</param>
/// <param name="caches">Where caches stay from run to run.</param>
internal sealed class LanguageBuild(IProcessRunner processes, Podman podman, string folder, string caches)
{
    private const string AurFolder = "/tmp/aur-pkgs";

    public async Task<BuiltStep> RunAsync(BuilderStep step, BuildRequest request, string image, CancellationToken cancellationToken)
    {
        if (step.Builder != "aur") await CheckLibcAsync(step, request, image, cancellationToken).ConfigureAwait(false);
        var work = Path.Combine(folder, $"{step.Candy}-{step.Builder}");
        var staging = Make(Path.Combine(work, "home"));
        var packages = Make(Path.Combine(work, "packages"));
        var home = request.Facts.Home.TrimEnd('/');
        var result = await podman.RunScriptAsync(
            image, BuilderScripts.Build(step), Mounts(step, home, staging, packages), Variables(home), request.Output, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new CharlyException(
                Errors.RunStep,
                $"{step.Candy}: the {step.Builder} build in {image} failed with exit code {result.ExitCode}\n{result.Tail(8)}",
                "Mend what the output names, then run the same command again: steps that are done are not repeated.",
                target: step.Candy);
        }

        return step.Builder == "aur"
            ? new BuiltStep(request.Script with { Staged = await PackageBuild.StageAsync(packages, StagedNames.BuilderResult(step), cancellationToken).ConfigureAwait(false) }, step.Reverse)
            : await PackAsync(step, request, work, staging, home, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BuiltStep> PackAsync(BuilderStep step, BuildRequest request, string work, string staging, string home, CancellationToken cancellationToken)
    {
        var tree = BuiltTree.Of(staging, step.Artifacts);
        if (tree.IsEmpty)
        {
            // A package.json without dependencies builds nothing, and that is all right.
            if (step is not { Builder: "npm", Packages.Count: 0 })
            {
                throw new CharlyException(
                    Errors.RunStep, $"{step.Candy}: the {step.Builder} build ended well, but left nothing in {string.Join(", ", step.Artifacts)}",
                    "Look at what it printed: a manifest may name nothing that can be installed.", target: step.Candy);
            }
        }

        var archive = Path.Combine(work, "built.tar.gz");
        var list = Path.Combine(work, "list");
        await File.WriteAllTextAsync(list, string.Concat(tree.Paths.Select(p => p + '\0')), cancellationToken).ConfigureAwait(false);
        var packed = await processes.RunAsync(
            new ProcessRequest("tar", "--create", "--gzip", "--numeric-owner", "--owner=0", "--group=0", $"--directory={staging}", $"--file={archive}", "--null", "--verbatim-files-from", $"--files-from={list}"),
            cancellationToken).ConfigureAwait(false);
        if (!packed.Succeeded)
        {
            throw new CharlyException(Errors.Io, $"{step.Candy}: what was built could not be packed: {packed.Tail(2)}", $"Look at the free space of {work}.", target: step.Candy);
        }

        var (script, reverse) = BuilderScripts.Place(step, request.Script, tree, home, request.Owned);
        var staged = new StagedFile(StagedNames.BuilderResult(step), archive, await PackageBuild.DigestAsync(archive, cancellationToken).ConfigureAwait(false));
        return new BuiltStep(script with { Staged = [staged] }, reverse);
    }

    // Programs that were linked against a newer C library do not start on the target.
    private async Task CheckLibcAsync(BuilderStep step, BuildRequest request, string image, CancellationToken cancellationToken)
    {
        var there = LibcVersion.Parse((await request.Ask(LibcVersion.Question, cancellationToken).ConfigureAwait(false)).StandardOutput);
        if (there is null) return;
        var asked = await podman.RunScriptAsync(image, LibcVersion.Question, [new Mount(folder, "/work", IsReadOnly: true)], new Dictionary<string, string>(), null, cancellationToken).ConfigureAwait(false);
        if (!asked.Succeeded)
        {
            throw new CharlyException(
                Errors.PlanBuilder, $"{step.Candy}: a container of {image} does not start (exit code {asked.ExitCode}): {asked.Tail(3)}",
                $"Try it by hand: podman run --rm --pull=never {image} true", target: step.Candy);
        }

        if (LibcVersion.Parse(asked.StandardOutput) is { } here && here > there)
        {
            throw new CharlyException(
                Errors.PlanBuilder,
                $"{step.Candy}: the builder image {image} has glibc {here}, the target {there}: what it builds would not start there",
                "Name an image of an older distribution with --builder-image.",
                target: step.Candy);
        }
    }

    private List<Mount> Mounts(BuilderStep step, string home, string staging, string packages) =>
    [
        new Mount(step.CandyFolder, "/work", IsReadOnly: true),
        new Mount(staging, home),
        new Mount(Make(Path.Combine(caches, "cache")), $"{home}/.cache/charly"),
        .. step.Builder == "cargo" ? new[] { new Mount(Make(Path.Combine(caches, "cargo-registry")), $"{home}/.cargo/registry") } : [],
        .. step.Builder == "aur" ? new[] { new Mount(packages, AurFolder) } : [],
    ];

    private static Dictionary<string, string> Variables(string home) => new(StringComparer.Ordinal)
    {
        ["HOME"] = home,
        ["PIXI_CACHE_DIR"] = $"{home}/.cache/charly/pixi",
        ["RATTLER_CACHE_DIR"] = $"{home}/.cache/charly/rattler",
        ["NPM_CONFIG_PREFIX"] = $"{home}/.npm-global",
        ["NPM_CONFIG_CACHE"] = $"{home}/.cache/charly/npm",
        ["CARGO_HOME"] = $"{home}/.cargo",
    };

    private static string Make(string path)
    {
        AtomicFile.EnsureFolder(path, isPrivate: true);
        return path;
    }
}
