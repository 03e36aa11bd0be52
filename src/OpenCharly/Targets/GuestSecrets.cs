using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Pods.Secrets;
using OpenCharly.Yaml;

namespace OpenCharly.Targets;

/// <summary>
/// How secrets get into a guest's podman: in the text of scripts, which travel on standard input and are read by the shell's own words,
/// so that no argument and no file but podman's store ever holds a value.
/// </summary>
internal static class GuestSecrets
{
    private const string Data = "'{{.SecretData}}'";

    /// <summary>The <c>secret:</c> of the entry in the guest: what is sent is in its engine; where the operator has it means nothing there.</summary>
    /// <param name="written">The list as written here; null if there is none.</param>
    /// <param name="sent">What is sent.</param>
    /// <returns>Null if there is nothing to say.</returns>
    public static YamlValue? SourcesOf(YamlSequence? written, IReadOnlyList<SentSecret> sent)
    {
        var items = new List<YamlValue>();
        var named = sent.Where(s => s.Declared is not null).Select(s => s.Declared!).ToList();
        foreach (var item in written?.Items ?? [])
        {
            var name = Text(item, "name");
            var isHere = (Text(item, "source") ?? "").Split(':')[0] is "env" or "file";
            items.Add(name is not null && (named.Remove(name) || isHere) ? InEngine(name) : YamlValue.From(item));
        }

        items.AddRange(named.Select(InEngine));
        return items.Count == 0 && written is null ? null : YamlValue.List(items);
    }

    /// <summary>Bash that ends with 0 if the engine has all of it, the values that follow their source as they are here.</summary>
    public static string StandScript(IReadOnlyList<SentSecret> secrets) => string.Concat(secrets.Select(s => $"{{ {Stands(s)}; }} || exit 1\n"));

    /// <summary>Bash that gives the engine what it lacks, and prints the names of what it was given.</summary>
    public static string SendScript(IReadOnlyList<SentSecret> secrets) => string.Concat(secrets.Select(s =>
        $$"""
        {{Stands(s)}} || {
          ! podman secret inspect {{Shell.Quote(s.Name)}} >/dev/null 2>&1 || podman secret rm {{Shell.Quote(s.Name)}} >/dev/null || exit
          printf %s {{Shell.Quote(s.Value)}} | podman secret create {{Shell.Quote(s.Name)}} - >/dev/null || exit
          echo {{Shell.Quote(s.Name)}}
        }

        """));

    // A podman that can't show a value is given it anew each time.
    private static string Stands(SentSecret secret) => secret.IsReplaced
        ? $"[ \"$(podman secret inspect --showsecret --format {Data} {Shell.Quote(secret.Name)} 2>/dev/null | sha256sum)\" = '{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Value + "\n")))}  -' ]"
        : $"podman secret inspect {Shell.Quote(secret.Name)} >/dev/null 2>&1";

    private static YamlValue InEngine(string name) => YamlValue.Map([("name", name), ("source", SecretChain.Engine)]);

    private static string? Text(YamlNode item, string key) => ((item as YamlMapping)?[key] as YamlScalar)?.Text;
}
