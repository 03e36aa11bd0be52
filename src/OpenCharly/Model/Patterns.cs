using System.Text.RegularExpressions;

namespace OpenCharly.Model;

/// <summary>What field values must look like before they may reach a path, a unit file or a shell.</summary>
internal static partial class Patterns
{
    /// <summary>Modes: <c>0644</c>, <c>02755</c>.</summary>
    [GeneratedRegex(@"^0[0-7]{3,4}\z")]
    public static partial Regex Mode();

    /// <summary>Users of tasks: a name, <c>${USER}</c>, <c>uid</c> or <c>uid:gid</c>.</summary>
    [GeneratedRegex(@"^(?:[a-z_][a-z0-9_-]*|\$\{USER\}|[0-9]{1,10}(?::[0-9]{1,10})?)\z")]
    public static partial Regex TaskUser();

    /// <summary>Build variables.</summary>
    [GeneratedRegex(@"^[A-Z_][A-Z0-9_]*\z")]
    public static partial Regex BuildVariable();

    /// <summary>Volume and namespace names.</summary>
    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    public static partial Regex Volume();

    /// <summary>Command aliases.</summary>
    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9._-]*\z")]
    public static partial Regex Alias();

    /// <summary>Credential store paths.</summary>
    [GeneratedRegex(@"^charly/[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9_-]*\z")]
    public static partial Regex SecretKey();

    /// <summary>File capabilities, as setcap takes them.</summary>
    [GeneratedRegex(@"^(?:all|cap_[a-z0-9_]+(?:,cap_[a-z0-9_]+)*)(?:[=+-][eip]*)+(?:[, ]cap_[a-z0-9_]+(?:,cap_[a-z0-9_]+)*(?:[=+-][eip]*)+)*\z")]
    public static partial Regex Capabilities();

    /// <summary>A well-formed distribution tag; the version part follows a dash or colon.</summary>
    [GeneratedRegex(@"^([a-z][a-z0-9_]*)(?:[-:]([0-9][0-9A-Za-z.]*))?\z")]
    public static partial Regex DistroTag();

    /// <summary>A distribution whose name has dashes, such as <c>opensuse-tumbleweed</c> or <c>opensuse-leap-15.6</c>.</summary>
    [GeneratedRegex(@"^([a-z][a-z0-9_]*(?:-[a-z][a-z0-9_]*)+)(?:[-:]([0-9][0-9A-Za-z.]*))?\z")]
    public static partial Regex DashedDistro();

    /// <summary>A variable in a path, address or argument.</summary>
    [GeneratedRegex(@"\$\{([^}]*)\}")]
    public static partial Regex Substitution();

    /// <summary>Templates of values given to other deployments.</summary>
    [GeneratedRegex(@"\{\{(.*?)\}\}")]
    public static partial Regex Template();

    /// <summary>The templates that exist.</summary>
    [GeneratedRegex(@"^\s*\.(?:ContainerName|HostPort\s+[0-9]{1,5}|ContainerPort\s+[0-9]{1,5})\s*\z")]
    public static partial Regex KnownTemplate();

    /// <summary>Durations: <c>10s</c>, <c>2m</c>, <c>1m30s</c>, plain seconds.</summary>
    [GeneratedRegex(@"^(?:[0-9]{1,9}|(?:[0-9]{1,9}(?:\.[0-9]+)?(?:ms|s|m|h))+)\z")]
    public static partial Regex Duration();

    /// <summary>Signals: <c>SIGTERM</c>, <c>TERM</c>, <c>15</c>.</summary>
    [GeneratedRegex(@"^(?:(?:SIG)?[A-Z][A-Z0-9+-]{1,11}|[0-9]{1,2})\z")]
    public static partial Regex Signal();

    /// <summary>Candy, box and other versions.</summary>
    [GeneratedRegex(@"^[0-9]+\.[0-9]+\.[0-9]+\z")]
    public static partial Regex Version();

    /// <summary>Whether a text is one line without control characters, so that it can stand in a unit file, a table or a path.</summary>
    public static bool IsOneLine(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029') return false;
        }

        return true;
    }

    /// <summary>Whether a path is absolute or under the home folder: <c>/</c>, <c>~</c>, <c>~/</c>, <c>${HOME}</c>, <c>$HOME</c>.</summary>
    public static bool IsAnchored(string path) =>
        path.StartsWith('/') || path is "~" or "${HOME}" or "$HOME" || path.StartsWith("~/", StringComparison.Ordinal)
        || path.StartsWith("${HOME}/", StringComparison.Ordinal) || path.StartsWith("$HOME/", StringComparison.Ordinal);

    /// <summary>Whether a path climbs with <c>..</c>.</summary>
    public static bool Climbs(string path) => path.Split('/').Contains("..");
}
