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
                if (step.Packages.Count > 0) lines.Add("npm install -g " + Shell.Join(step.Packages.Select(CheckName)));
                break;
            case "pixi":
                lines.AddRange(Pixi(step));
                break;
            case "cargo":
                lines.Add("cargo install --path /work --root \"$CARGO_HOME\"");
                break;
            default:
                lines.Add("mkdir -p /tmp/aur-pkgs\nchown builder: /tmp/aur-pkgs");
                lines.Add($"su builder -s /bin/bash -c {Shell.Quote("PKGDEST=/tmp/aur-pkgs yay -S --noconfirm --builddir /tmp/aur-build " + Shell.Join(step.Packages.Select(CheckName)))}");
                lines.Add("ls /tmp/aur-pkgs/*.pkg.tar* >/dev/null");
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

        text.Add($"tar -xzf {StepScripts.Staged(StagedNames.BuilderResult(step))} -C {Shell.Quote(home)}");
        return script with { Folders = [.. step.Artifacts.Select(a => $"{home.TrimEnd('/')}/{a}")] };
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
