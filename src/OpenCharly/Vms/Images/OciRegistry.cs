using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Vms.Qemu;
using Polly;
using Polly.Retry;

namespace OpenCharly.Vms.Images;

/// <summary>An image in a registry, found: where its bytes are.</summary>
/// <param name="Url">Address of the bytes.</param>
/// <param name="Sha256">Their digest, 64 hex digits.</param>
/// <param name="Authorization">What every request needs; null for a registry that is open.</param>
internal sealed record OciLayer(Uri Url, string Sha256, AuthenticationHeaderValue? Authorization)
{
    // What is sent is a secret, and records print themselves.
    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(Url);
        return true;
    }
}

/// <summary>Disk images in OCI registries: the first layer of a manifest is the image (vm.md §9).</summary>
/// <param name="environment">Where accounts are found; null for none.</param>
internal sealed partial class OciRegistry(CharlyEnvironment? environment)
{
    private const int MaxManifest = 4 << 20;

    private static readonly string[] ImageTypes = ["application/vnd.cloudnebula.qcow2.layer.v1", "application/octet-stream"];
    private static readonly string[] ManifestTypes = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
    private static readonly string[] IndexTypes = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

    private readonly OciAccounts _accounts = new(environment);

    /// <summary>First pause between two tries.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A client that shows a layer's registry what it wants to see; for no other address.</summary>
    public static HttpClient ClientFor(OciLayer layer)
    {
        var client = ImageDownload.NewClient();
        client.DefaultRequestHeaders.Authorization = layer.Authorization;
        return client;
    }

    /// <summary>Finds the image that a reference means.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.OciPull"/>.</exception>
    public async Task<OciLayer> FindAsync(OciReference reference, CancellationToken cancellationToken)
    {
        using var client = ImageDownload.NewClient();
        client.Timeout = TimeSpan.FromSeconds(60);
        try
        {
            var session = new Session(client, reference, _accounts.Immediate(reference.Host) is { } account ? new AuthenticationHeaderValue("Basic", account) : null);
            var manifest = await ManifestAsync(session, reference.Tag, reference.Digest, cancellationToken).ConfigureAwait(false);
            if (Child(reference, manifest) is { } child) manifest = await ManifestAsync(session, "sha256:" + child, child, cancellationToken).ConfigureAwait(false);
            var digest = Image(reference, manifest);
            return new OciLayer(reference.At("blobs/sha256:" + digest), digest, session.Authorization);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or Busy || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failed(reference, e.InnerException is { } inner && e is HttpRequestException ? $"{e.Message} ({inner.Message})" : e.Message, e);
        }
    }

    /// <summary>The error of a reference that can't be pulled.</summary>
    public static CharlyException Failed(OciReference reference, string why, Exception? cause = null) => new(
        Errors.OciPull,
        $"{reference.Name} could not be pulled: {why}",
        "Check the reference, and that the registry can be reached. For a private one log in with podman login or docker login, or set GITHUB_TOKEN where that is its key.",
        target: reference.Name,
        inner: cause);

    private async Task<JsonElement> ManifestAsync(Session session, string tag, string? expected, CancellationToken cancellationToken)
    {
        var retry = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(e => e.HttpRequestError != HttpRequestError.ConnectionError).Handle<Busy>(),
                MaxRetryAttempts = 3,
                BackoffType = DelayBackoffType.Exponential,
                Delay = RetryDelay,
            })
            .Build();
        var reference = session.Reference;
        var content = await retry.ExecuteAsync(async token => await ReadAsync(session, reference.At("manifests/" + tag), token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var actual = Convert.ToHexStringLower(SHA256.HashData(content));
        if (expected is not null && actual != expected) throw new CharlyException(Errors.ImageChecksum, $"the manifest of {reference.Name} has the digest {actual}, expected was {expected}", "The registry serves something else than was asked for: try again, or another registry.", target: reference.Name);
        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw Failed(reference, $"its manifest is no JSON: {e.Message}", e);
        }
    }

    private async Task<byte[]> ReadAsync(Session session, Uri url, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Authorization = session.Authorization;
            foreach (var type in (string[])[.. ManifestTypes, .. IndexTypes]) request.Headers.Accept.ParseAdd(type);
            using var response = await session.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            switch (response.StatusCode)
            {
                case HttpStatusCode.Unauthorized when attempt == 0:
                    session.Authorization = await AuthorizeAsync(session, response, cancellationToken).ConfigureAwait(false);
                    continue;
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                    throw Failed(session.Reference, "the registry does not let this account read it");
                case HttpStatusCode.NotFound:
                    throw Failed(session.Reference, "the registry has no such image");
                case >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests:
                    throw new Busy($"the registry answers {(int)response.StatusCode} {response.ReasonPhrase}");
            }

            if (!response.IsSuccessStatusCode) throw Failed(session.Reference, $"the registry answers {(int)response.StatusCode} {response.ReasonPhrase}");
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using var own = body.ConfigureAwait(false);
            var buffer = new byte[MaxManifest + 1];
            var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return count <= MaxManifest ? buffer[..count] : throw Failed(session.Reference, "its manifest is larger than 4 MiB");
        }
    }

    private async Task<AuthenticationHeaderValue> AuthorizeAsync(Session session, HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        var reference = session.Reference;
        var account = _accounts.Find(reference.Host);
        var asked = refusal.Headers.WwwAuthenticate.FirstOrDefault(h => h.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase));
        if (asked is null) return account is not null ? new AuthenticationHeaderValue("Basic", account) : throw Failed(reference, "the registry wants an account, and none is known for it");
        var words = Parameter().Matches(asked.Parameter ?? "").ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
        if (!words.TryGetValue("realm", out var realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var address) || !(address.Scheme == "https" || (address.Scheme == "http" && reference.IsLocal && address.IsLoopback)))
        {
            throw Failed(reference, $"the registry sends to \"{words.GetValueOrDefault("realm")}\" for a token, which has no encryption");
        }

        var query = new[] { ("service", words.GetValueOrDefault("service")), ("scope", words.GetValueOrDefault("scope") ?? $"repository:{reference.Repository}:pull") }
            .Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(address) { Query = string.Join('&', query) }.Uri);
        if (account is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", account);
        using var response = await session.Client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw Failed(reference, $"no token to be had: {address.Host} answers {(int)response.StatusCode} {response.ReasonPhrase}");
        try
        {
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            var token = (Text(json.RootElement, "token") ?? Text(json.RootElement, "access_token")) ?? throw Failed(reference, $"no token to be had: {address.Host} answers without one");
            return new AuthenticationHeaderValue("Bearer", token);
        }
        catch (JsonException e)
        {
            throw Failed(reference, $"no token to be had: what {address.Host} answers is no JSON", e);
        }
    }

    /// <summary>Digest of the manifest for this machine's architecture, if what came is a list of such; null if it is one.</summary>
    private static string? Child(OciReference reference, JsonElement manifest)
    {
        if (!manifest.TryGetProperty("manifests", out var list) || list.ValueKind != JsonValueKind.Array) return null;
        var wanted = QemuMachine.HostArchitecture switch { "x86_64" => "amd64", "aarch64" => "arm64", var other => other };
        var children = list.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object).ToArray();
        var fitting = children.Where(c => c.TryGetProperty("platform", out var platform) && Text(platform, "architecture") == wanted).ToArray();
        var chosen = fitting.Length > 0 ? fitting[0] : children.Length == 1 ? children[0] : throw Failed(reference, $"it has no image for {wanted}");
        return Digest(reference, chosen);
    }

    private static string Image(OciReference reference, JsonElement manifest)
    {
        if (!manifest.TryGetProperty("layers", out var layers) || layers.ValueKind != JsonValueKind.Array || layers.GetArrayLength() == 0) throw Failed(reference, "its manifest has no layers");
        var first = layers[0];
        var type = Text(first, "mediaType");
        if (!ImageTypes.Contains(type)) throw Failed(reference, $"its first layer is of the type {type ?? "(none)"}, which is no disk image; expected was {string.Join(" or ", ImageTypes)}");
        return Digest(reference, first);
    }

    private static string Digest(OciReference reference, JsonElement descriptor) => Text(descriptor, "digest") is { } text && Sha256().Match(text) is { Success: true } match
        ? match.Groups[1].Value
        : throw Failed(reference, $"\"{Text(descriptor, "digest")}\" is no SHA-256 digest");

    private static string? Text(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Session(HttpClient Client, OciReference Reference, AuthenticationHeaderValue? First)
    {
        public AuthenticationHeaderValue? Authorization { get; set; } = First;
    }

    private sealed class Busy(string message) : Exception(message);

    [GeneratedRegex(@"([A-Za-z]+)=""([^""]*)""")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^sha256:([0-9a-f]{64})\z")]
    private static partial Regex Sha256();
}
