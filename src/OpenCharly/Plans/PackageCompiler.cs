using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>
/// Compiles packages and repositories (§3.4, §6.3): each repository becomes a gated file, what brings its trust (keys,
/// release packages, coprs, modules) a gated prepare step, and the packages an install step without a gate.
/// </summary>
internal static class PackageCompiler
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create("/ \t\n\r\0[]");

    public static void Add(PlanBuilder plan, Candy candy, ResolvedPackages packages)
    {
        if (candy.Sections.Count > 0 && packages.MatchedTags.Count == 0)
        {
            var tags = plan.Facts.Tags.Count == 0 ? "an unknown system" : string.Join(", ", plan.Facts.Tags);
            plan.Note(candy, SkipReason.Incompatible, $"packages: no section for {tags}; there are {string.Join(", ", candy.Sections.Select(s => s.Tag).Distinct())}");
        }

        if (plan.Facts.Format is not { } format)
        {
            RefuseWithoutManager(plan, candy, packages);
            return;
        }

        var repositories = packages.Repositories;
        foreach (var repository in repositories)
        {
            if (Describe(candy, format, repository) is { } step) plan.Add(step);
        }

        AddPrepare(plan, candy, format, packages);
        if (packages.Packages.Count == 0) return;
        plan.Add(new SystemPackagesStep
        {
            Candy = candy.Name,
            Scope = StepScope.System,
            PackagePhase = StepPhase.Install,
            Format = format,
            Packages = packages.Packages,
            Options = packages.Options,
            Exclude = format == "rpm" ? packages.Exclude : [],

            // Repositories and coprs of rpm systems are switched on for one installation at a time.
            Repositories = format == "rpm" ? [.. repositories.Where(r => r.ReleasePackage is null)] : [],
            Coprs = format == "rpm" ? packages.Coprs : [],
            CacheMounts = CacheOf(format),
            Reverse =
            [
                new ReverseOp
                {
                    Kind = ReverseKinds.PackageRemove, Format = format, Targets = packages.Packages, Scope = StepScope.System,
                    UninstallCommand = PackageScripts.Remove(format, packages.Packages),
                },
            ],
        });
    }

    /// <summary>Path of the key ring that a deb repository's signatures are checked with; null if it names none.</summary>
    public static string? KeyRing(PackageRepository repository) =>
        repository.SignedBy ?? (repository.Key is null ? null : $"/etc/apt/keyrings/{repository.Name}.gpg");

    private static void RefuseWithoutManager(PlanBuilder plan, Candy candy, ResolvedPackages packages)
    {
        if (packages.Packages.Count == 0) return;
        if (plan.Request.SkipIncompatible)
        {
            plan.Note(candy, SkipReason.NoPackageManager, "packages: " + string.Join(", ", packages.Packages));
            return;
        }

        var id = plan.Facts.OsId.Length == 0 ? "without os-release" : $"whose os-release says ID={plan.Facts.OsId}";
        throw new CharlyException(
            Errors.PlanDistro,
            $"candy {candy.Name} wants packages on a system {id}: its package manager is not known",
            "Use a system of the Debian, Fedora or Arch families, or leave the packages out with --skip-incompatible.",
            candy.Position,
            candy.Name);
    }

    private static void AddPrepare(PlanBuilder plan, Candy candy, string format, ResolvedPackages packages)
    {
        List<PackageRepository> trusted = [.. packages.Repositories.Where(r => r.Key is not null || r.Ppa is not null || r.ReleasePackage is not null)];
        var coprs = format == "rpm" ? packages.Coprs : [];
        var modules = format == "rpm" ? packages.Modules : [];
        var keys = format == "pac" ? packages.Keys : [];
        if (trusted.Count == 0 && coprs.Count == 0 && modules.Count == 0 && keys.Count == 0) return;
        if (format == "pac" && (keys.Count > 0 || trusted.Any(r => r.Key is not null)))
        {
            var trust = string.Join(", ", keys.Concat(trusted.Select(r => r.Key).OfType<string>()));
            plan.Warn($"{candy.Name}: pacman goes on trusting {trust} when the candy is gone; pacman-key --delete takes a key back");
        }

        List<string> rings = format == "deb" ? [.. trusted.Where(r => r.Key is not null).Select(r => KeyRing(r)!)] : [];
        plan.Add(new SystemPackagesStep
        {
            Candy = candy.Name,
            Scope = StepScope.System,
            Gate = StepGate.AllowRepoChanges,
            PackagePhase = StepPhase.Prepare,
            Format = format,

            // A module may come from any of them.
            Repositories = modules.Count > 0 ? packages.Repositories : trusted,
            Coprs = coprs,
            Modules = modules,
            Keys = keys,
            Reverse =
            [
                .. coprs.Select(c => new ReverseOp { Kind = ReverseKinds.CoprDisable, Format = format, Targets = [c], Scope = StepScope.System }),
                .. rings.Select(r => RemoveRepoFile(candy, format, r)),
            ],
        });
    }

    private static RepoChangeStep? Describe(Candy candy, string format, PackageRepository repository)
    {
        if (repository.Ppa is not null || repository.ReleasePackage is not null) return null;
        if (repository.Name.Length == 0 || repository.Name.AsSpan().ContainsAny(NotInNames) || repository.Name[0] is '.' or '-')
        {
            throw new CharlyException(
                Errors.CandyRepository,
                $"candy {candy.Name}: \"{repository.Name}\" can't name a repository",
                "Use letters, digits, dots and dashes.",
                candy.Position,
                candy.Name);
        }

        var (file, content) = format switch
        {
            "deb" => ($"/etc/apt/sources.list.d/{repository.Name}.list", DebLine(candy, repository)),
            "rpm" => ($"/etc/yum.repos.d/{repository.Name}.repo", RpmFile(candy, repository)),
            _ => ("/etc/pacman.conf", PacSection(candy, repository)),
        };
        var reverse = RemoveRepoFile(candy, format, file);
        if (format == "pac")
        {
            reverse = reverse with { Extra = new Dictionary<string, string>(reverse.Extra) { [ReverseExtra.Marker] = repository.Name } };
        }

        return new RepoChangeStep
        {
            Candy = candy.Name,
            Scope = StepScope.System,
            Gate = StepGate.AllowRepoChanges,
            Format = format,
            Name = repository.Name,
            File = file,
            Content = content,
            Checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))),
            Repository = repository,
            Reverse = [reverse],
        };
    }

    private static ReverseOp RemoveRepoFile(Candy candy, string format, string file) => new()
    {
        Kind = ReverseKinds.RemoveRepoFile, Format = format, Targets = [file], Scope = StepScope.System,
        Extra = new Dictionary<string, string> { [ReverseExtra.Layer] = candy.Name, [ReverseExtra.Format] = format },
    };

    private static string DebLine(Candy candy, PackageRepository repository)
    {
        var words = new List<string> { "deb" };
        if (KeyRing(repository) is { } ring) words.Add($"[signed-by={ring}]");
        words.Add(Needed(candy, repository, repository.Url, "url"));
        var suite = repository.Suite ?? "stable";
        words.Add(suite);
        if (!suite.EndsWith('/')) words.Add(repository.Components ?? "main");
        return Line(candy, repository, string.Join(' ', words)) + "\n";
    }

    // What a .repo address holds is only known on the target, which fetches it.
    private static string RpmFile(Candy candy, PackageRepository repository)
    {
        var url = Needed(candy, repository, repository.Url, "url");
        if (IsRepoFile(repository)) return "";
        List<string> lines =
        [
            $"[{repository.Name}]", $"name={repository.Name}", $"baseurl={url}", "enabled=0",
            $"gpgcheck={(repository.GpgCheck == false ? 0 : 1)}",
        ];
        if (repository.Key is { } key) lines.Add($"gpgkey={key}");
        return string.Concat(lines.Select(l => Line(candy, repository, l) + "\n"));
    }

    private static string PacSection(Candy candy, PackageRepository repository)
    {
        string[] lines =
        [
            $"[{repository.Name}]", $"SigLevel = {repository.SigLevel ?? "Optional TrustAll"}",
            $"Server = {Needed(candy, repository, repository.Server ?? repository.Url, "server")}",
        ];
        return string.Concat(lines.Select(l => Line(candy, repository, l) + "\n"));
    }

    /// <summary>Whether a repository is given as the address of a <c>.repo</c> file.</summary>
    public static bool IsRepoFile(PackageRepository repository) =>
        repository.Url?.EndsWith(".repo", StringComparison.Ordinal) == true;

    private static string Line(Candy candy, PackageRepository repository, string text) =>
        PlanBuilder.SingleLine(text, Errors.CandyRepository, $"repository {repository.Name}", candy);

    private static string Needed(Candy candy, PackageRepository repository, string? value, string field) =>
        value ?? throw new CharlyException(
            Errors.CandyRepository,
            $"candy {candy.Name}: repository {repository.Name} has no {field}",
            $"Add {field}: to it.",
            candy.Position,
            candy.Name);

    private static string[] CacheOf(string format) => format switch
    {
        "deb" => ["/var/cache/apt", "/var/lib/apt"],
        "rpm" => ["/var/cache/libdnf5"],
        _ => ["/var/cache/pacman/pkg"],
    };
}
