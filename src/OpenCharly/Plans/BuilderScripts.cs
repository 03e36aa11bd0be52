using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>
/// Builders work in two places (candy-and-plan.md §6.6): a script inside the builder's container, on the operator's
/// machine, and a script on the target that takes in what came out.
/// </summary>
public static class BuilderScripts
{
    /// <summary>
    /// The script for <c>bash -s</c> in the container: the candy's folder is <c>/work</c>, read-only, and <c>HOME</c> is
    /// the target's home path; aur leaves its packages in <c>/tmp/aur-pkgs</c>.
    /// </summary>
    public static string Build(BuilderStep step)
    {
        var lines = new List<string> { "set -e" };
        switch (step.Builder)
        {
            case "npm":
                lines.Add("export NPM_CONFIG_PREFIX=\"$HOME/.npm-global\"\nmkdir -p \"$NPM_CONFIG_PREFIX\"");

                // A folder of the candy would else be linked to, and is not there on the target.
                if (step.Packages.Count > 0) lines.Add("npm install -g --no-audit --no-fund --install-links " + Shell.Join(step.Packages.Select(CheckName)));
                break;
            case "pixi":
                lines.AddRange(Pixi(step));
                break;
            case "cargo":
                // The candy's folder is read-only, and the registry's cache is a mount; only programs are wanted.
                lines.Add("export CARGO_TARGET_DIR=/tmp/charly-target");
                lines.Add($"cargo install --path /work --root \"$CARGO_HOME\" --no-track{(step.Files.Any(f => f.Path == "Cargo.lock") ? " --locked" : "")}");
                break;
            default:
                lines.Add("mkdir -p /tmp/aur-pkgs\nchown builder: /tmp/aur-pkgs");
                lines.Add($"su builder -s /bin/bash -c {Shell.Quote("PKGDEST=/tmp/aur-pkgs yay -S --noconfirm --builddir /tmp/aur-build " + Shell.Join(step.Packages.Select(CheckName)))}");
                lines.Add("chown -R 0:0 /tmp/aur-pkgs\nls /tmp/aur-pkgs/*.pkg.tar* >/dev/null");
                break;
        }

        return string.Join('\n', lines) + "\n";
    }

    internal static StepScript Deliver(ScriptText text, StepScript script, BuilderStep step, string home)
    {
        if (step.Builder == "aur")
        {
            text.Use(BashFunctions.Pacman);
            foreach (var replaced in step.Replaces)
            {
                // pacman -Q also answers for a package that merely provides the name.
                var name = Shell.Quote(CheckName(replaced));
                text.Add($"if [[ $(pacman -Qq {name} 2>/dev/null) = {name} ]]; then charly_pacman -Rs --noconfirm {name}; fi");
            }

            PackageScripts.InstallFiles(text, "pac", StagedNames.BuilderResult(step), string.Join(", ", step.Packages));
            return script with { PackageFormat = "pac" };
        }

        // What comes out is only known when it is built; then Place says it path by path.
        text.Add($"tar -xzf {StepScripts.Staged(StagedNames.BuilderResult(step))} -C {Shell.Quote(home)}");
        return script with { Folders = [.. step.Artifacts.Select(a => $"{home.TrimEnd('/')}/{a}")] };
    }

    /// <summary>
    /// The script that takes in what was built, and how exactly that is undone: a folder that was not there goes as a
    /// whole, of one that was there each file that is overwritten is remembered.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="script">The step as it was rendered before it was built.</param>
    /// <param name="tree">What was built.</param>
    /// <param name="home">Home folder on the target.</param>
    /// <param name="owned">Folders that an earlier run of the step made, by path on the target: they are replaced whole.</param>
    internal static (StepScript Script, IReadOnlyList<ReverseOp> Reverse) Place(
        BuilderStep step, StepScript script, BuiltTree tree, string home, IReadOnlySet<string> owned)
    {
        var root = home.TrimEnd('/');
        var text = new ScriptText();
        text.Use(BashFunctions.Folder, DownloadScript.KeepTree, BashFunctions.Built);
        text.Add("charly_new=$(mktemp -d \"$CHARLY_STAGE/built.XXXXXX\")\ntrap 'rm -rf -- \"$charly_new\"' EXIT");
        text.Add($"tar -x -z -p --no-same-owner -f {StepScripts.Staged(StagedNames.BuilderResult(step))} -C \"$charly_new\"");
        foreach (var folder in tree.Folders)
        {
            text.Add($"charly_built_folder \"$charly_new\"/{Shell.Quote(folder)} {Shell.Quote($"{root}/{folder}")} {(owned.Contains($"{root}/{folder}") ? "ours" : "theirs")}");
        }

        foreach (var file in tree.Files) text.Add($"charly_built_file \"$charly_new\"/{Shell.Quote(file)} {Shell.Quote($"{root}/{file}")}");
        string[] folders = [.. tree.Folders.Select(f => $"{root}/{f}")];
        string[] files = [.. tree.Files.Select(f => $"{root}/{f}")];
        var reverse = new List<ReverseOp>();
        foreach (var folder in folders)
        {
            reverse.Add(new ReverseOp
            {
                Kind = ReverseKinds.RemoveFolder, Targets = [folder], Scope = StepScope.User,
                Extra = new Dictionary<string, string> { [ReverseExtra.OnlyIfCreated] = "true" },
            });
        }

        if (files.Length > 0) reverse.Add(new ReverseOp { Kind = ReverseKinds.RemoveFileUser, Targets = files, Scope = StepScope.User });
        return (
            script with { Body = text.Body, Functions = text.Functions, LastCommand = text.LastCommand, Paths = [.. files, .. folders], Folders = PlacePaths.Folders([.. files, .. folders], [], home) },
            reverse);
    }

    private static IEnumerable<string> Pixi(BuilderStep step)
    {
        var files = step.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        var frozen = files.Contains("pixi.lock") ? " --frozen" : "";
        if (files.Contains("environment.yml"))
        {
            yield return "cd \"$HOME\"\npixi init --import /work/environment.yml .";
        }
        else
        {
            var manifest = files.Contains("pyproject.toml") ? "pyproject.toml" : "pixi.toml";
            yield return $"cp /work/{manifest} \"$HOME/\"";
            if (frozen.Length > 0) yield return "cp /work/pixi.lock \"$HOME/\"";
            yield return "cd \"$HOME\"";
            if (manifest == "pixi.toml")
            {
                // Wheels of today are built against a newer C library than pixi assumes.
                yield return "grep -q '^\\[system-requirements\\]' pixi.toml || printf '\\n[system-requirements]\\nlibc = \"2.39\"\\n' >>pixi.toml";
            }

            yield return $"pixi install{frozen}{(manifest == "pyproject.toml" ? " --manifest-path pyproject.toml" : "")}";
        }

        if (files.Contains("build.sh")) yield return "bash /work/build.sh";
    }

    private static string CheckName(string name) =>
        name.Length > 0 && name[0] != '-'
            ? name
            : throw new CharlyException(Errors.CandyBuildFile, $"\"{name}\" can't name a package", "Correct the name in the manifest.", target: name);
}
