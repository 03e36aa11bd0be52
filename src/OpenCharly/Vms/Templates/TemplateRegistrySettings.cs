using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>
/// Where templates are pushed to and pulled from: <c>CHARLY_TEMPLATE_REGISTRY_*</c>, else <c>MVM_TEMPLATE_REGISTRY_*</c>
/// (vm.md §10). No record, so that nothing prints the secret by accident.
/// </summary>
internal sealed class TemplateRegistrySettings
{
    private const string Own = "CHARLY_TEMPLATE_REGISTRY_";
    private const string Origin = "MVM_TEMPLATE_REGISTRY_";

    private TemplateRegistrySettings(Uri endpoint) => Endpoint = endpoint;

    /// <summary>Address of the S3 service, or <c>file://</c> and a folder.</summary>
    public Uri Endpoint { get; }

    /// <summary>Bucket; empty for a folder.</summary>
    public string Bucket { get; private init; } = "";

    /// <summary>Access key.</summary>
    public string AccessKey { get; private init; } = "";

    /// <summary>Secret key.</summary>
    public string SecretKey { get; private init; } = "";

    /// <summary>What all keys begin with; no slash at either end.</summary>
    public string Prefix { get; private init; } = "mvm";

    /// <summary>Region that requests are signed for.</summary>
    public string Region { get; private init; } = "us-east-1";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryMissing"/>, <see cref="Errors.TemplateRegistryInsecure"/>.</exception>
    public static TemplateRegistrySettings From(CharlyEnvironment environment)
    {
        var address = Find("ENDPOINT") ?? throw Missing($"{Own}ENDPOINT is not set", $"Set {Own}ENDPOINT to the address of an S3 service, with {Own}BUCKET, {Own}ACCESS_KEY_ID and {Own}SECRET_ACCESS_KEY; or to file:// and a folder.");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https" or "file"))
        {
            throw Missing($"the registry's address \"{address}\" is none", $"Set {Own}ENDPOINT to https:// and a host, or to file:// and a folder.");
        }

        if (endpoint.UserInfo.Length > 0) throw Missing("the registry's address holds an account", $"Take it out, and set {Own}ACCESS_KEY_ID and {Own}SECRET_ACCESS_KEY.");
        var prefix = (Find("PREFIX") ?? "mvm").Trim('/');
        if (prefix.Length == 0) throw Missing($"{Own}PREFIX is empty", "Give a word that all keys begin with, or unset it: mvm is the default.");
        if (prefix.Split('/').Any(p => !TemplateStore.IsSafe(p))) throw Missing($"{Own}PREFIX is \"{prefix}\"", "Use letters, digits, dots, dashes and underscores, with single slashes between.");
        if (endpoint.IsFile) return new TemplateRegistrySettings(endpoint) { Bucket = Find("BUCKET") ?? "", Prefix = prefix };
        if (endpoint.Scheme == "http" && Find("INSECURE")?.ToLowerInvariant() is not ("1" or "true" or "yes"))
        {
            throw new CharlyException(Errors.TemplateRegistryInsecure, $"the registry {endpoint.GetLeftPart(UriPartial.Authority)} has no encryption", $"Use https://, or allow it for a network that you trust: {Own}INSECURE=1", target: endpoint.Host);
        }

        return new TemplateRegistrySettings(endpoint)
        {
            Bucket = Require("BUCKET"),
            AccessKey = Require("ACCESS_KEY_ID"),
            SecretKey = Require("SECRET_ACCESS_KEY"),
            Prefix = prefix,
            Region = Find("REGION") ?? "us-east-1",
        };

        string? Find(string name) => environment.Variable(Own + name) ?? environment.Variable(Origin + name);

        string Require(string name) => Find(name) ?? throw Missing($"{Own}{name} is not set", $"Set {Own}{name}; the registry {endpoint.GetLeftPart(UriPartial.Authority)} needs it.");
    }

    private static CharlyException Missing(string message, string help) => new(Errors.TemplateRegistryMissing, "the registry of templates is not set up: " + message, help);
}
