using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Pods;

/// <summary>A deploy key of a pod, and every name that is derived from it (pod.md §1).</summary>
public sealed partial record PodKey
{
    private PodKey(string text) => Text = text;

    /// <summary>The key: <c>base</c> or <c>base/instance</c>.</summary>
    public string Text { get; }

    /// <summary>The key with a dash for each slash.</summary>
    public string Dashed => Text.Replace('/', '-');

    /// <summary>The part before the slash.</summary>
    public string Base => Text.IndexOf('/') is >= 0 and var slash ? Text[..slash] : Text;

    /// <summary>The part after the slash; null for a base.</summary>
    public string? Instance => Text.IndexOf('/') is >= 0 and var slash ? Text[(slash + 1)..] : null;

    /// <summary>Container, host name on the network, podman pod: <c>charly-D</c>.</summary>
    public string Container => "charly-" + Dashed;

    /// <summary><c>charly-D.service</c>.</summary>
    public string Service => Container + ".service";

    /// <summary><c>charly-D.container</c>.</summary>
    public string ContainerFile => Container + ".container";

    /// <summary><c>charly-D.pod</c>.</summary>
    public string PodFile => Container + ".pod";

    /// <summary>The service that quadlet makes of the pod: <c>charly-D-pod.service</c>.</summary>
    public string PodService => Container + "-pod.service";

    /// <summary><c>charly-D-tunnel.service</c>.</summary>
    public string TunnelUnit => Container + "-tunnel.service";

    /// <summary>The variable that chooses volumes: <c>CHARLY_VOLUMES_KEY</c>.</summary>
    public string VolumesVariable => "CHARLY_VOLUMES_" + NotOfVariables().Replace(Text.ToUpperInvariant(), "_");

    /// <summary>A named volume: <c>charly-D-name</c>.</summary>
    public string Volume(string name) => $"{Container}-{name}";

    /// <summary>A podman secret: <c>charly-D-name</c>.</summary>
    public string Secret(string name) => $"{Container}-{name}";

    /// <summary>Container of a sidecar: <c>charly-D-sidecar</c>.</summary>
    public string Sidecar(string name) => $"{Container}-{name}";

    /// <summary>The scope that gocryptfs runs in: <c>charly-enc-D-volume.scope</c>.</summary>
    public string Scope(string volume) => $"charly-enc-{Dashed}-{volume}.scope";

    /// <summary>What is typed after a verb to address it: <c>base</c> or <c>base -i instance</c>.</summary>
    public string Arguments => Instance is null ? Base : $"{Base} -i {Instance}";

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Reads a key.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodKey"/> for text that can't be one.</exception>
    public static PodKey Parse(string text) => Form().IsMatch(text) && text.Length <= 120 && !text.Contains("..", StringComparison.Ordinal)
        ? new PodKey(text)
        : throw new CharlyException(
            Errors.PodKey, $"\"{text.ReplaceLineEndings("⏎")}\" can't name a pod", "Use letters, digits, dots, dashes and underscores, with one slash before an instance.", target: text);

    /// <summary>Whether text can be a key.</summary>
    public static bool IsValid(string text) => Form().IsMatch(text) && text.Length <= 120 && !text.Contains("..", StringComparison.Ordinal);

    /// <summary>The key that a positional argument and <c>-i</c> mean together (pod.md §1.1).</summary>
    /// <param name="positional">What stands after the verb.</param>
    /// <param name="instance">Value of <c>-i</c>; null if it was not given.</param>
    /// <param name="keys">Keys that exist.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodKey"/>, or <see cref="Errors.ImageReference"/> for a reference of a remote box.</exception>
    public static PodKey Address(string positional, string? instance, IReadOnlyCollection<string> keys)
    {
        if (IsReference(positional))
        {
            throw IsRemote(positional)
                ? new CharlyException(Errors.ImageReference, $"\"{positional}\" is a remote box, not a deployment", $"Run: charly box pull {positional}", target: positional)
                : new CharlyException(Errors.PodKey, $"\"{positional}\" is an image, not a deployment", "Name the deploy key; the image stands under box: of its entry.", target: positional);
        }

        if (instance is null) return Parse(positional);
        if (positional.Contains('/') && !keys.Contains(positional))
        {
            throw new CharlyException(Errors.PodKey, $"\"{positional}\" names an instance already, and so does -i {instance}", "Write one of the two.", target: positional);
        }

        if (instance.Length == 0 || instance.Contains('/')) throw new CharlyException(Errors.PodKey, $"\"{instance}\" can't name an instance", "Use letters, digits, dots, dashes and underscores.", target: positional);
        return Parse($"{positional}/{instance}");
    }

    /// <summary>Whether text looks like an image or an address and not like a key.</summary>
    internal static bool IsReference(string text)
    {
        if (text.Contains('@')) return true;
        var slash = text.IndexOf('/');
        if (slash >= 0 && text[..slash].AsSpan().ContainsAny('.', ':')) return true;
        return text[(text.LastIndexOf('/') + 1)..].Contains(':');
    }

    /// <summary>Whether text is a reference into a remote repository (pod.md §3.1).</summary>
    internal static bool IsRemote(string text) => text.StartsWith('@') || RemoteForm().IsMatch(text);

    /// <summary>The key whose dashed form is that of <paramref name="key"/>, if another one has it.</summary>
    internal static string? Colliding(PodKey key, IEnumerable<string> keys) => keys.FirstOrDefault(k => k != key.Text && IsValid(k) && k.Replace('/', '-') == key.Dashed);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?\z")]
    private static partial Regex Form();

    [GeneratedRegex("[^A-Z0-9]")]
    private static partial Regex NotOfVariables();

    [GeneratedRegex(@"^(?:https?://)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)/[^/:@]+/[^/:@]+(?:/.*)?(?:@[^/]+)?\z")]
    private static partial Regex RemoteForm();
}
