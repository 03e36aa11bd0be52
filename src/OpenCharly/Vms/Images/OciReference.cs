using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>An image in an OCI registry: <c>oci://HOST[:PORT]/REPOSITORY[:TAG|@sha256:DIGEST]</c> (vm.md §9).</summary>
/// <param name="Host">Registry, with its port if it has one.</param>
/// <param name="Repository">Repository.</param>
/// <param name="Tag">Tag or digest, as the registry is asked for it.</param>
internal sealed partial record OciReference(string Host, string Repository, string Tag)
{
    private const string Scheme = "oci://";

    /// <summary>The reference without its scheme.</summary>
    public string Name => Tag.StartsWith("sha256:", StringComparison.Ordinal) ? $"{Host}/{Repository}@{Tag}" : $"{Host}/{Repository}:{Tag}";

    /// <summary>File name of the image where none is given.</summary>
    public string FileName => Name.Replace('/', '_').Replace(':', '_');

    /// <summary>Digest of the manifest, if the reference names one, 64 hex digits.</summary>
    public string? Digest => Tag.StartsWith("sha256:", StringComparison.Ordinal) ? Tag["sha256:".Length..] : null;

    /// <summary>Whether the registry is on this machine; only then it is spoken to without encryption.</summary>
    public bool IsLocal => Host.Split(':')[0] is "localhost" or "127.0.0.1" || Host.StartsWith("[::1]", StringComparison.Ordinal);

    /// <summary>Whether an address is one of a registry.</summary>
    public static bool Is(string? url) => url?.StartsWith(Scheme, StringComparison.Ordinal) == true;

    /// <summary>Reads an address.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.OciPull"/>.</exception>
    public static OciReference Parse(string url)
    {
        var match = Form().Match(url);
        if (!match.Success) throw new CharlyException(Errors.OciPull, $"\"{url}\" is no reference to an image in a registry", "Write oci://HOST/REPOSITORY:TAG or oci://HOST/REPOSITORY@sha256:DIGEST, the repository in lower case.", target: url);
        var tag = match.Groups["digest"] is { Success: true } digest ? digest.Value : match.Groups["tag"] is { Success: true } named ? named.Value : "latest";
        return new OciReference(match.Groups["host"].Value, match.Groups["repository"].Value, tag);
    }

    /// <summary>Address of a part of the repository, such as <c>manifests/latest</c>.</summary>
    public Uri At(string part) => new($"{(IsLocal ? "http" : "https")}://{Host}/v2/{Repository}/{part}");

    [GeneratedRegex(@"^oci://(?<host>(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]{1,5})?)/(?<repository>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?:@(?<digest>sha256:[0-9a-f]{64})|:(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?\z")]
    private static partial Regex Form();
}
