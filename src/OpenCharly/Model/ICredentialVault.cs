using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>What a vault says about an item.</summary>
internal enum VaultState
{
    /// <summary>It does not answer.</summary>
    Unavailable,

    /// <summary>It answers, and has no such item to show.</summary>
    Missing,

    /// <summary>It has the item, and is locked.</summary>
    Locked,

    /// <summary>It has the item and gives it out.</summary>
    Open,
}

/// <summary>The answer of a vault.</summary>
/// <param name="State">What it says.</param>
/// <param name="Value">The value of an item that is open; never shown.</param>
internal sealed record VaultAnswer(VaultState State, string? Value = null)
{
    /// <summary>Says what it is, without the value.</summary>
    public override string ToString() => State.ToString();
}

/// <summary>Something that keeps credentials encrypted: the desktop's keyring, a KeePass file.</summary>
internal interface ICredentialVault
{
    /// <summary>Where what it keeps is from, in lists.</summary>
    CredentialSource Source { get; }

    /// <summary>Key of the settings file under which the names of its items are listed.</summary>
    string Index { get; }

    /// <summary>Whether an item that it does not show may be there all the same, while it is locked.</summary>
    bool MayHideNames { get; }

    /// <summary>Whether it can be asked at all.</summary>
    /// <exception cref="CharlyException">As for <see cref="FindAsync"/>.</exception>
    Task<bool> AnswersAsync(CredentialAddress address, CancellationToken cancellationToken);

    /// <summary>An item, with its value if it is open.</summary>
    /// <exception cref="CharlyException">It was chosen by the user, and can't be used: no program, no file, a wrong password.</exception>
    Task<VaultAnswer> FindAsync(CredentialAddress address, CancellationToken cancellationToken);

    /// <summary>Keeps a value.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if it does not take it; and as for <see cref="FindAsync"/>.</exception>
    Task WriteAsync(CredentialAddress address, string value, CancellationToken cancellationToken);

    /// <summary>Removes an item that is open.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/>; and as for <see cref="FindAsync"/>.</exception>
    Task RemoveAsync(CredentialAddress address, CancellationToken cancellationToken);
}
