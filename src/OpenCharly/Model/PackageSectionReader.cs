using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads <c>package:</c> and the <c>distro:</c> sections of a candy (candy-and-plan.md §3.4).</summary>
internal sealed class PackageSectionReader(CandyScope scope, IReadOnlyCollection<string> distros)
{
    /// <summary>Distributions and formats that are known without any vocabulary of the project.</summary>
    internal static readonly string[] BuiltIn = ["arch", "cachyos", "deb", "debian", "fedora", "pac", "rpm", "ubuntu"];

    /// <summary>The package names of a list whose items are texts or <c>{name, description}</c>.</summary>
    public static IReadOnlyList<string> Packages(YamlBinder binder)
    {
        var packages = new List<string>();
        foreach (var item in binder.Items("package"))
        {
            var name = item switch
            {
                YamlScalar { IsNull: false } scalar => scalar.Text,
                YamlMapping map when map["name"] is YamlScalar { IsNull: false } scalar => scalar.Text,
                _ => null,
            };
            if (name is null)
            {
                binder.Report(Errors.YamlType, $"a package must be a name or {{name, description}}, not {item.Description}", "Write the package's name.", item.Position);
            }
            else if (!Names.IsPackage(name))
            {
                binder.Report(Errors.BadName, $"\"{name}\" can't name a package", "Use the name as the package manager spells it.", item.Position);
            }
            else
            {
                packages.Add(name);
            }
        }

        return packages;
    }

    /// <summary>The sections, compound keys split, those of one tag joined.</summary>
    public IReadOnlyList<PackageSection> Sections(YamlBinder body)
    {
        var sections = new OrderedDictionary<string, List<PackageSection>>(StringComparer.Ordinal);
        foreach (var entry in body.Map("distro")?.Entries ?? [])
        {
            var tags = entry.Key.Text.Split(',').Select(t => t.Trim()).Where(t => Tag(entry.Key, t)).Select(Normalise).Distinct(StringComparer.Ordinal).ToArray();
            if (entry.Value is YamlScalar { IsNull: true }) continue;
            if (entry.Value is not YamlMapping map)
            {
                scope.Report(Errors.YamlType, $"distro.{entry.Key.Text}", $"must be a mapping, not {entry.Value.Description}", "Write package:, repo: and so on below it.", entry.Value.Position);
                continue;
            }

            var section = ReadSection(scope.Bind(map, $"distro.{entry.Key.Text}"));
            foreach (var tag in tags)
            {
                if (sections.TryGetValue(tag, out var parts)) parts.Add(section);
                else sections[tag] = [section];
            }
        }

        return [.. sections.Select(s => Join(s.Key, s.Value))];
    }

    /// <summary>Reports repositories, coprs and modules of a candy that installs no package.</summary>
    public static void CheckUse(YamlBinder body, bool hasPackages, IEnumerable<PackageSection> sections)
    {
        if (hasPackages) return;
        var seen = new HashSet<SourcePosition>();
        foreach (var section in sections)
        {
            var (what, key) = section.Repositories?.Count > 0 ? ("repositories", "repo") : section.Coprs?.Count > 0 ? ("coprs", "copr") : section.Modules?.Count > 0 ? ("modules", "module") : ("", "");

            // A section of several distributions is one fault.
            if (what.Length > 0 && PositionIn(body, section.Tag, key) is var position && seen.Add(position)) body.Report(Errors.CandyRepository, $"distro.{section.Tag} has {what} but no package", "Add a package, or remove them.", position);
        }
    }

    private static SourcePosition PositionIn(YamlBinder body, string tag, string key) =>
        (body.Mapping["distro"] as YamlMapping)?.Entries.Where(e => e.Key.Text.Split(',').Any(t => Normalise(t.Trim()) == tag)).Select(e => e.Value).OfType<YamlMapping>()
            .SelectMany(m => m.Entries).FirstOrDefault(e => e.Key.Text == key || e.Key.Text == key + "s")?.Key.Position ?? body.At("distro");

    private PackageSection ReadSection(YamlBinder section)
    {
        var read = new PackageSection
        {
            Tag = "",
            Packages = Packages(section),
            Repositories = section.Has("repo", "repos") ? Repositories(section) : null,
            Options = Texts(section, "option", "options"),
            Exclude = Texts(section, "exclude"),
            Coprs = Texts(section, "copr"),
            Modules = Texts(section, "module", "modules"),
            Keys = Texts(section, "keys", "key"),
            Aur = section.Map("aur") is { } aur ? Aur(scope.Bind(aur, "aur")) : null,
        };
        scope.IgnoreUnknown(section);
        return read;
    }

    private AurSection Aur(YamlBinder aur)
    {
        var read = new AurSection(Packages(aur), Texts(aur, "option", "options") ?? [], Texts(aur, "replace", "replaces") ?? []);
        scope.IgnoreUnknown(aur);
        return read;
    }

    private List<PackageRepository> Repositories(YamlBinder section)
    {
        var repositories = new List<PackageRepository>();
        foreach (var item in section.Items("repo", "repos"))
        {
            if (item is not YamlMapping map)
            {
                section.Report(Errors.YamlType, $"a repository must be a mapping, not {item.Description}", "Write name: and url: below it.", item.Position);
                continue;
            }

            var repo = new YamlBinder(map, section.What + " repo", section.Problems);
            var read = new PackageRepository
            {
                Name = Line("name") ?? "",
                Url = Line("url"),
                Key = repo.Has("gpgkey") ? Line("gpgkey") : Line("key"),
                SignedBy = Line("signed_by"),
                Suite = Line("suite"),
                Components = repo.Node("components") is YamlSequence ? string.Join(' ', Words("components")) : Line("components"),
                Ppa = Line("ppa"),
                ReleasePackage = Line("rpm"),
                GpgCheck = repo.Boolean("gpgcheck"),
                Server = Line("server"),
                SigLevel = Line("siglevel"),
            };
            repo.Accept("key", "gpgkey");
            if (repo.Node("name") is null && read.ReleasePackage is null && read.Ppa is null)
            {
                repo.Report(Errors.CandyRepository, "\"name\" is missing", "Give the repository a short name.", map.Position);
            }
            else if (read.Name.Length > 0 && !Patterns.Alias().IsMatch(read.Name))
            {
                repo.Report(Errors.CandyRepository, $"\"{read.Name}\" can't name a repository", "It becomes a file name: use letters, digits, dots, dashes, underscores.", repo.At("name"));
            }

            if (new[] { "url", "server", "ppa", "rpm" }.All(k => repo.Node(k) is null))
            {
                repo.Report(Errors.CandyRepository, $"the repository \"{read.Name}\" has no address", "Add url:, server:, ppa: or rpm:.", map.Position);
            }

            if (read.SignedBy is { Length: > 0 } signedBy && (!signedBy.StartsWith('/') || Patterns.Climbs(signedBy)))
            {
                repo.Report(Errors.CandyRepository, $"\"signed_by\" is \"{signedBy}\"", "Give an absolute path.", repo.At("signed_by"));
            }

            scope.IgnoreUnknown(repo);
            repositories.Add(read);

            IEnumerable<string> Words(string key) => repo.TextList(key).Where(w =>
            {
                if (w.Length > 0 && w[0] != '-' && Patterns.IsOneLine(w)) return true;
                repo.Report(Errors.CandyRepository, $"\"{key}\" holds \"{w.ReplaceLineEndings("⏎")}\"", "Write one word an item.", repo.ItemAt(key, w));
                return false;
            });

            string? Line(string key)
            {
                var text = CandyScope.Line(repo, Errors.CandyRepository, key);
                if (repo.Node(key) is YamlScalar { Text: "" }) repo.Report(Errors.CandyRepository, $"\"{key}\" is empty", "Write it, or remove it.", repo.At(key));
                if (text is ['-', ..]) repo.Report(Errors.CandyRepository, $"\"{key}\" is \"{text}\", which programs would take for an option", "Give an address or a name.", repo.At(key));
                return text;
            }
        }

        return repositories;
    }

    private static IReadOnlyList<string>? Texts(YamlBinder section, string key, params string[] aliases)
    {
        if (!section.Has(key, aliases)) return null;
        var texts = section.TextList(key, aliases);
        foreach (var text in texts.Where(t => t.Length == 0 || !Patterns.IsOneLine(t) || (t[0] == '-' && key != "option")))
        {
            section.Report(
                Errors.BadName, $"\"{key}\" holds \"{text.ReplaceLineEndings("⏎")}\"", key == "option" ? "Write one option an item." : "Write one name an item, without a dash in front.", section.ItemAt(key, text));
        }

        return texts;
    }

    private bool Tag(YamlScalar key, string tag)
    {
        var match = Patterns.DistroTag().Match(tag);
        var family = match.Success ? match.Groups[1].Value : tag;
        if (match.Success && (BuiltIn.Contains(family) || distros.Contains(family)))
        {
            // No release of these is called so, but one of a distribution that is like them may be.
            if (match.Groups[2].Value.Any(char.IsAsciiLetter) && !distros.Contains(family)) scope.Report(Errors.CandyUnknownKey, "distro", $"\"{tag}\" is no release of {family}", "Write its number, as in debian-13.", key.Position, isWarning: true);
            return true;
        }

        var known = BuiltIn.Concat(distros);
        if (Nearest.Find(family, known) is { } near)
        {
            scope.Report(Errors.CandyUnknownKey, "distro", $"the distribution \"{tag}\" is not known", $"Did you mean \"{near}\"?", key.Position);
            return false;
        }

        // Some distributions carry a dash in their name; that of a release is a number, whatever its authors call it.
        var isRelease = tag.IndexOfAny(['-', ':']) is > 0 and var cut && known.Contains(tag[..cut]);
        var isWellFormed = match.Success || (!isRelease && Patterns.DashedDistro().IsMatch(tag));
        scope.Report(
            Errors.CandyUnknownKey, "distro", isRelease ? $"\"{tag}\" is no release of {tag[..tag.IndexOfAny(['-', ':'])]}" : $"the distribution \"{tag}\" is not known",
            isWellFormed ? "It applies only where a target calls itself so."
                : isRelease ? "Write its number, as in debian-13."
                : $"Use a name such as {string.Join(", ", BuiltIn)}, with -VERSION if need be.",
            key.Position, isWarning: isWellFormed);
        return isWellFormed;
    }

    private static string Normalise(string tag)
    {
        var match = Patterns.DistroTag().Match(tag) is { Success: true } simple ? simple : Patterns.DashedDistro().Match(tag);
        return match.Groups[2].Success ? $"{match.Groups[1].Value}:{match.Groups[2].Value}" : tag;
    }

    // Packages add up; of everything else the last section that has it wins.
    private static PackageSection Join(string tag, IReadOnlyList<PackageSection> parts) => parts.Count == 1 ? parts[0] with { Tag = tag } : new PackageSection
    {
        Tag = tag,
        Packages = [.. parts.SelectMany(p => p.Packages).Distinct(StringComparer.Ordinal)],
        Repositories = parts.Select(p => p.Repositories).LastOrDefault(v => v is not null),
        Options = parts.Select(p => p.Options).LastOrDefault(v => v is not null),
        Exclude = parts.Select(p => p.Exclude).LastOrDefault(v => v is not null),
        Coprs = parts.Select(p => p.Coprs).LastOrDefault(v => v is not null),
        Modules = parts.Select(p => p.Modules).LastOrDefault(v => v is not null),
        Keys = parts.Select(p => p.Keys).LastOrDefault(v => v is not null),
        Aur = parts.Select(p => p.Aur).LastOrDefault(v => v is not null),
    };
}
