using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>What package steps run on a live target (candy-and-plan.md §6.3).</summary>
/// <remarks>
/// The index is refreshed once a run: the first installation leaves <c>$CHARLY_STAGE/.index-fresh</c>, a change of a
/// repository takes it away again.
/// </remarks>
public static partial class PackageScripts
{
    /// <summary>The command line that removes packages; runs as root.</summary>
    /// <param name="format"><c>deb</c>, <c>rpm</c> or <c>pac</c>.</param>
    /// <param name="packages">Package names.</param>
    public static string Remove(string format, IReadOnlyList<string> packages)
    {
        var names = Shell.Join(packages.Select(CheckName));
        return format switch
        {
            "deb" => $"DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 purge -y {names}",
            "rpm" => $"dnf remove -y {names}",
            _ => $"pacman -Rs --noconfirm {names}",
        };
    }

    internal static void Render(ScriptText script, SystemPackagesStep step)
    {
        if (step.PackagePhase == StepPhase.Prepare) Prepare(script, step);
        else Install(script, step);
    }

    internal static void Render(ScriptText script, RepoChangeStep step)
    {
        switch (step.Format)
        {
            case "pac":
                script.Use(ManagedBlock.Functions, BashFunctions.Stale);
                script.Add(ManagedBlock.Of(step.Name).RenderWriteCall(step.File, step.Content));
                script.Add("charly_stale");
                break;
            case "rpm" when PackageCompiler.IsRepoFile(step.Repository):
                UseRepository(script).Use(BashFunctions.Fetch, BashFunctions.RepoFile);
                script.Run("charly_repo_file", step.Repository.Url!, step.File);
                break;
            default:
                UseRepository(script);
                script.Run("charly_repository", step.File, step.Content);
                break;
        }
    }

    /// <summary>Installs package files that lie in the staging folder, if any do.</summary>
    internal static void InstallFiles(ScriptText script, string format, string folder, string what)
    {
        script.Add($"shopt -s nullglob\ncharly_files=({StepScripts.Staged(folder)}/*.{(format == "pac" ? "pkg.tar*" : format)})");
        script.Add($"if [[ ${{#charly_files[@]}} -eq 0 ]]; then echo {Shell.Quote($"charly: no package of {what} was built, so there is nothing to install")}; exit 0; fi");
        switch (format)
        {
            case "deb":
                script.Use(BashFunctions.Apt).Add("charly_apt_update").Add("charly_apt install \"${charly_files[@]}\"");
                break;
            case "rpm":
                script.Add("dnf install -y \"${charly_files[@]}\"");
                break;
            default:
                script.Use(BashFunctions.Pacman).Add("charly_pacman -U --noconfirm \"${charly_files[@]}\"");
                break;
        }
    }

    private static void Install(ScriptText script, SystemPackagesStep step)
    {
        var options = step.Options.SelectMany(o => o.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToList();
        var packages = step.Packages.Select(CheckName).ToList();
        switch (step.Format)
        {
            case "deb":
                script.Use(BashFunctions.Apt).Add("charly_apt_update").Run("charly_apt install", [.. options, .. packages]);
                break;
            case "rpm":
                UseRepositories(script, step);
                script.Add("dnf install -y \"${charly_options[@]}\" "
                    + string.Join(' ', options.Concat(step.Exclude.Select(x => $"--exclude={x}")).Concat(packages).Select(Shell.Quote)));
                script.Add(": >\"$CHARLY_STAGE/.index-fresh\"");
                break;
            default:
                script.Use(BashFunctions.Pacman);
                script.Add("if [[ -e $CHARLY_STAGE/.index-fresh ]]; then charly_sync=-S; else charly_sync=-Sy; fi");
                script.Add("charly_pacman \"$charly_sync\" --noconfirm --needed " + Shell.Join([.. options, .. packages]));
                script.Add(": >\"$CHARLY_STAGE/.index-fresh\"");
                break;
        }
    }

    // They are switched off by default, and on for one command at a time.
    private static void UseRepositories(ScriptText script, SystemPackagesStep step)
    {
        var files = step.Repositories.Where(r => r.ReleasePackage is null).Select(r => Shell.Quote($"/etc/yum.repos.d/{r.Name}.repo")).Concat(step.Coprs.Select(CoprFile));
        script.Use(BashFunctions.Dnf).Add(string.Join(' ', files.Prepend("charly_dnf_options")));
    }

    private static void Prepare(ScriptText script, SystemPackagesStep step)
    {
        foreach (var repository in step.Repositories)
        {
            if (repository.Ppa is { } ppa) AddPpa(script, ppa);
            else if (repository.ReleasePackage is { } package) script.Add($"dnf install -y {QuoteRelease(package)}");
            else if (repository.Key is { } key) AddKey(script, step.Format, repository, key);
        }

        if (step.Coprs.Count > 0)
        {
            script.Add(
                "dnf copr --help >/dev/null 2>&1 || if command -v dnf5 >/dev/null; then dnf install -y dnf5-plugins; else dnf install -y dnf-plugins-core; fi");
        }

        // Enabled once, so that its file is there; off again, because installations switch it on by themselves.
        foreach (var copr in step.Coprs) script.Run("dnf -y copr enable", CheckName(copr)).Run("dnf -y copr disable", copr);
        if (step.Modules.Count > 0) UseRepositories(script, step);
        foreach (var module in step.Modules)
        {
            var stem = CheckName(module).Split(':')[0];
            script.Run("charly_keep", $"/etc/dnf/modules.d/{stem}.module");
            script.Add($"dnf module reset -y \"${{charly_options[@]}}\" {Shell.Quote(stem)}");
            script.Add($"dnf module enable -y \"${{charly_options[@]}}\" {Shell.Quote(module)}");
        }

        foreach (var key in step.Keys) AddPacKey(script, key);
        script.Use(BashFunctions.Stale).Add("charly_stale");
    }

    private static void AddKey(ScriptText script, string format, PackageRepository repository, string key)
    {
        if (format == "rpm")
        {
            script.Run("rpm --import", CheckName(key));
            return;
        }

        if (format == "pac")
        {
            AddPacKey(script, key);
            return;
        }

        var ring = PackageCompiler.KeyRing(repository)!;
        script.Use(BashFunctions.Folder, BashFunctions.Place, BashFunctions.Fetch, BashFunctions.Dearmor);
        script.Add("charly_key=$CHARLY_STAGE/.key");
        script.Add($"charly_fetch {Shell.Quote(key)} \"$charly_key\"");
        script.Run("charly_new_file", ring, "0133");
        var target = Shell.Quote(ring + ".charly-new");

        // apt tells by the name which form it expects.
        script.Add(
            ring.EndsWith(".asc", StringComparison.Ordinal)
                ? $"cat \"$charly_key\" >{target}"
                : $"if grep -aq '^-----BEGIN PGP PUBLIC KEY BLOCK-----' \"$charly_key\"; then charly_dearmor \"$charly_key\" >{target}; else cat \"$charly_key\" >{target}; fi");
        script.Add($"if [[ ! -s {target} ]]; then echo {Shell.Quote($"charly: {key} holds no key")} >&2; exit 1; fi");
        script.Run("charly_place_file", ring, "0:0", "");
    }

    private static void AddPpa(ScriptText script, string ppa)
    {
        var name = ppa.StartsWith("ppa:", StringComparison.Ordinal) ? ppa[4..] : ppa;
        var file = name.Replace("/", "-ubuntu-", StringComparison.Ordinal);
        script.Use(BashFunctions.Apt);
        script.Add("command -v add-apt-repository >/dev/null || { charly_apt_update; charly_apt install software-properties-common; }");
        script.Add(". /etc/os-release");
        script.Add($"charly_keep /etc/apt/sources.list.d/{Shell.Quote(file)}-\"$VERSION_CODENAME\".list /etc/apt/sources.list.d/{Shell.Quote(file)}-\"$VERSION_CODENAME\".sources");
        script.Run("add-apt-repository -y", "ppa:" + name);
    }

    private static void AddPacKey(ScriptText script, string key) =>
        script.Run("pacman-key --recv-keys", CheckName(key)).Run("pacman-key --lsign-key", key);

    private static ScriptText UseRepository(ScriptText script) =>
        script.Use(BashFunctions.Folder, BashFunctions.Place, BashFunctions.Stale, BashFunctions.Repository);

    // A pattern for the file of a project, whose name begins with that of the copr server; groups are spelled out.
    private static string CoprFile(string copr)
    {
        var parts = copr.Split('/');
        var owner = (parts.Length > 1 ? parts[^2] : "").Replace("@", "group_", StringComparison.Ordinal);
        return $"/etc/yum.repos.d/_copr*:{Shell.Quote(owner)}:{Shell.Quote(parts[^1])}.repo";
    }

    // Release packages name the system's version through an rpm macro. That one expansion is left to the target's shell;
    // anything else that looks like one is text, so that an address can't become a command.
    private static string QuoteRelease(string address)
    {
        var word = new System.Text.StringBuilder();
        var from = 0;
        foreach (Match match in Macro().Matches(address))
        {
            if (match.Index > from) word.Append(Shell.Quote(address[from..match.Index]));
            word.Append("\"$(rpm -E '%").Append(match.Groups[1].Value).Append("')\"");
            from = match.Index + match.Length;
        }

        if (from < address.Length) word.Append(Shell.Quote(address[from..]));
        return word.ToString();
    }

    // A name must not turn into an option of the package manager.
    private static string CheckName(string name) =>
        name.Length > 0 && name[0] != '-'
            ? name
            : throw new CharlyException(Errors.CandyRepository, $"\"{name}\" can't name a package", "Give options under option:, not among the packages.", target: name);

    [GeneratedRegex(@"\$\(rpm -E ['""]?%\{?\??([A-Za-z0-9_]+)\}?['""]?\)")]
    private static partial Regex Macro();
}
