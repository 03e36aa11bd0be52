using System.Buffers;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Checks;

/// <summary>Fills variables into the texts of checks (candy-and-plan.md §9.4).</summary>
/// <param name="place">Where values come from.</param>
internal sealed class CheckVariables(CheckPlace place)
{
    private static readonly string[] Known =
    [
        "USER", "HOME", "UID", "GID", "IMAGE", "DNS", "ACME_EMAIL", "INSTANCE", "DEPLOY_NAME", "CONTAINER_NAME", "CONTAINER_IP",
        "HOST_PORT", "VOLUME_PATH", "VOLUME_CONTAINER_PATH", "PEER_HOST", "PEER_ENDPOINT",
    ];

    // Keys whose texts are for people, or name variables themselves.
    private static readonly string[] Untouched =
        ["id", "description", "tag", "given", "when", "then", "and", "but", "capture", "index_var", "scope", "context", "exclude_distro", "exclude_distros"];

    // Text that means itself inside and outside of any quotes of a shell.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,");

    private readonly Dictionary<string, string> _captured = new(StringComparer.Ordinal);

    /// <summary>Keeps what a check saw.</summary>
    public void Capture(string name, string value) => _captured[name] = value;

    /// <summary>Whether a check uses a variable.</summary>
    public static bool Uses(Check check, string name)
    {
        var uses = false;
        CheckText.Replace(check.Source, (_, text) =>
        {
            uses |= CheckText.Variable().Matches(text).Any(m => m.Groups[1].Value == name);
            return text;
        });
        return uses;
    }

    /// <summary>The check with its variables filled in.</summary>
    /// <param name="check">The check as written.</param>
    /// <param name="locals">Variables of this one run, such as its number.</param>
    public FilledCheck Fill(Check check, IReadOnlyDictionary<string, string> locals)
    {
        var missing = new List<string>();
        var exports = new Dictionary<string, string>(StringComparer.Ordinal);
        var isCommand = check is CommandCheck;
        var filled = CheckText.Replace(check.Source, (key, text) =>
        {
            if (Untouched.Contains(key)) return text;
            return CheckText.Variable().Replace(text, match =>
            {
                var name = match.Groups[1].Value;
                var argument = match.Groups[2].Success ? match.Groups[2].Value : null;
                var inCommand = isCommand && key == "command";
                if (inCommand && !IsKnown(name, locals)) return match.Value;
                if (Resolve(name, argument, locals) is not { } value)
                {
                    missing.Add(match.Value);
                    return match.Value;
                }

                if (!inCommand || !value.AsSpan().ContainsAnyExcept(Plain)) return value;
                var variable = $"CHARLY_CHECK_{exports.Count}";
                exports[variable] = value;
                return $"${{{variable}}}";
            });
        });
        if (missing.Count > 0) return new FilledCheck(null, exports, missing[0]);
        var problems = new List<Problem>();
        var word = check.Source.Entries.FirstOrDefault(e => e.Key.Text is "given" or "when" or "then" or "and" or "but")?.Key.Text;
        var read = CheckReader.Read(new YamlBinder(filled, check.Verb, problems), word, "deploy");
        var error = problems.FirstOrDefault(p => !p.IsWarning);
        return new FilledCheck(error is null ? read : null, exports, null) { Error = error?.Message };
    }

    private bool IsKnown(string name, IReadOnlyDictionary<string, string> locals) =>
        Known.Contains(name) || name.StartsWith("ENV_", StringComparison.Ordinal) || locals.ContainsKey(name) || _captured.ContainsKey(name);

    private string? Resolve(string name, string? argument, IReadOnlyDictionary<string, string> locals)
    {
        var full = argument is null ? name : $"{name}:{argument}";
        if (locals.TryGetValue(full, out var value) || _captured.TryGetValue(full, out value) || place.Values.TryGetValue(full, out value)) return value;
        return full switch
        {
            "USER" => place.Facts.User,
            "HOME" => place.Facts.Home,
            "UID" => place.Facts.Uid.ToString(),
            "GID" => place.Facts.Gid.ToString(),

            // Whoever shares a network with a peer reaches each of its ports by its name.
            _ when name == "PEER_ENDPOINT" && argument?.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(argument[(colon + 1)..], out _)
                && place.Values.TryGetValue("PEER_HOST:" + argument[..colon], out var host) => $"{host}:{argument[(colon + 1)..]}",
            _ => name == "HOST_PORT" && place.HasOwnPorts && ushort.TryParse(argument, out _) ? argument : null,
        };
    }
}

/// <summary>A check with its variables filled in.</summary>
/// <param name="Check">The check; null if a variable has no value, or the text makes no check.</param>
/// <param name="Exports">Variables for its command, for values that can't stand in a script as they are.</param>
/// <param name="Missing">The first variable without a value.</param>
internal sealed record FilledCheck(Check? Check, IReadOnlyDictionary<string, string> Exports, string? Missing)
{
    /// <summary>Why the filled text makes no check.</summary>
    public string? Error { get; init; }
}
