namespace OpenCharly.Vms.CloudInit;

/// <summary>What a guest's cloud-init reads from its seed.</summary>
/// <param name="UserData">Text of <c>user-data</c>.</param>
/// <param name="MetaData">Text of <c>meta-data</c>.</param>
/// <param name="NetworkConfig">Text of <c>network-config</c>; null lets the guest use DHCP.</param>
/// <param name="Digest"><c>sha256:</c> and hex of the user-data.</param>
public sealed record CloudInitDocuments(string UserData, string MetaData, string? NetworkConfig, string Digest);
