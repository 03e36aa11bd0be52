using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Checks.Probes;

/// <summary>Looks a package up in the distribution's database.</summary>
/// <param name="check">What is expected of it.</param>
/// <param name="facts">Which distribution it is.</param>
internal sealed class PackageProbe(PackageCheck check, TargetFacts facts) : Probe
{
    private readonly string _name = NameOn(check, facts);

    /// <summary>The name of the package here: that of the most specific tag, else the one it has everywhere.</summary>
    public static string NameOn(PackageCheck check, TargetFacts facts)
    {
        var names = check.Names.ToDictionary(n => Normal(n.Key), n => n.Value, StringComparer.Ordinal);
        return facts.Tags.Select(tag => names.GetValueOrDefault(tag)).FirstOrDefault(name => name is not null) ?? check.Package;
    }

    public override string Script => ":";

    public override string Package => _name;

    /// <summary>A script that prints the installed ones among packages as lines of name, tab, version.</summary>
    public static string Query(string format, IEnumerable<string> packages)
    {
        var names = Shell.Join(packages);
        return format switch
        {
            "deb" => $"dpkg-query -W -f='${{Package}}\\t${{Version}}\\t${{db:Status-Abbrev}}\\n' -- {names}",
            "rpm" => $"rpm -q --qf '%{{NAME}}\\t%{{VERSION}}-%{{RELEASE}}\\tii\\n' -- {names}",
            _ => $"pacman -Q -- {names} | while read -r a b; do printf '%s\\t%s\\tii\\n' \"$a\" \"$b\"; done",
        };
    }

    /// <summary>What <see cref="Query"/> printed: versions by name.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            // A multi-arch package has a line an architecture; "hi" is one that is held.
            if (line.Split('\t') is [var name, var version, ['i' or 'h', 'i', ..]]) found[name] = version;
        }

        return found;
    }

    public override Verdict Judge(ProbeOutput output)
    {
        var version = output.Packages?.GetValueOrDefault(_name);
        var shown = _name == check.Package ? "" : $" ({_name})";
        if (Verdict.Unless(check.Installed, version is not null, $"installed{shown}", $"not installed{shown}") is { } wrong) return wrong;
        if (version is not null && check.Versions.Count > 0 && !check.Versions.Any(v => v == version || v == Upstream(version)))
        {
            return Verdict.Fail($"version {string.Join(" or ", check.Versions)}", $"version {version}");
        }

        return Verdict.Pass(version);
    }

    // The part that the authors of the program know: without the distribution's epoch and revision.
    private static string Upstream(string version)
    {
        var start = version.IndexOf(':', StringComparison.Ordinal) + 1;
        var end = version.LastIndexOf('-');
        return version[start..(end > start ? end : version.Length)];
    }

    private static string Normal(string tag)
    {
        var dash = tag.LastIndexOf('-');
        return dash > 0 && dash + 1 < tag.Length && char.IsAsciiDigit(tag[dash + 1]) ? $"{tag[..dash]}:{tag[(dash + 1)..]}" : tag;
    }
}
