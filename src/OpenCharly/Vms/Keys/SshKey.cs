namespace OpenCharly.Vms.Keys;

/// <summary>A key that opens a machine.</summary>
/// <param name="PublicKey">The public key line, without a newline.</param>
/// <param name="PublicKeyPath">Where it stands.</param>
/// <param name="PrivateKeyPath">Its private twin; null if there is none on this machine (an agent may hold it).</param>
public sealed record SshKey(string PublicKey, string PublicKeyPath, string? PrivateKeyPath);

/// <summary>The host key pair of a guest, made on this machine so that the first connection is already verified.</summary>
/// <param name="PrivateKey">The private key in OpenSSH format; a secret.</param>
/// <param name="PublicKey">The public key line, without a newline.</param>
public sealed record GuestHostKey(string PrivateKey, string PublicKey)
{
    /// <summary>Tells the public half only, so that no log ever shows the private one.</summary>
    public override string ToString() => $"GuestHostKey {{ {PublicKey} }}";
}
