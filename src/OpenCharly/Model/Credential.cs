using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Where a credential is kept.</summary>
/// <param name="Service">Such as <c>charly/secret</c>.</param>
/// <param name="Item">Such as <c>DB_PASSWORD</c>.</param>
public sealed record CredentialAddress(string Service, string Item)
{
    /// <summary>Reads <c>SERVICE/ITEM</c>, divided at the last slash.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> for text that is none.</exception>
    public static CredentialAddress Parse(string key) => key.LastIndexOf('/') is > 0 and var at && at < key.Length - 1
        ? Of(key[..at], key[(at + 1)..])
        : throw new CharlyException(Errors.SecretStore, $"\"{key}\" is no credential path", "Write charly/<service>/<name>.", target: key);

    /// <summary>The address of an item of a service.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> for a word that programs would take for an option, or that has no letters to be found by.</exception>
    public static CredentialAddress Of(string service, string item)
    {
        foreach (var word in (string[])[service, item])
        {
            if (string.IsNullOrWhiteSpace(word) || word[0] == '-' || word.Any(char.IsControl))
            {
                throw new CharlyException(Errors.SecretStore, $"\"{word}\" is no part of a credential path", "Use letters, digits, dots, dashes and slashes, and begin with a letter.", target: word);
            }
        }

        return new CredentialAddress(service, item);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Service} {Item}";
}

/// <summary>Where a credential was found, or why it was not.</summary>
public enum CredentialSource
{
    /// <summary>A variable of the process.</summary>
    Env,

    /// <summary>The keyring.</summary>
    Keyring,

    /// <summary>The KeePass file.</summary>
    Kdbx,

    /// <summary>The settings file, as plain text that only its owner reads.</summary>
    Config,

    /// <summary>It is in the keyring, which is locked.</summary>
    Locked,

    /// <summary>The keyring does not answer, and it is nowhere else.</summary>
    Unavailable,

    /// <summary>It is nowhere: whoever asks falls back on a default.</summary>
    Default,
}

/// <summary>A credential that was found.</summary>
/// <param name="Value">Its value; never shown.</param>
/// <param name="Source">Where it came from: <c>Env</c>, <c>Keyring</c>, <c>Kdbx</c>, <c>Config</c>.</param>
public sealed record Credential(string Value, CredentialSource Source)
{
    /// <summary>Says where it came from, not what it is.</summary>
    public override string ToString() => $"a credential from {Source}";
}

/// <summary>What a look-up came to.</summary>
/// <param name="Value">The value; null if there is none. Never shown.</param>
/// <param name="Source">Where it was found, or why it was not.</param>
public sealed record CredentialLookup(string? Value, CredentialSource Source)
{
    /// <summary>Says where it was found, not what it is.</summary>
    public override string ToString() => $"a look-up that ended with {Source}";
}

/// <summary>The name of a credential that is kept, without its value.</summary>
/// <param name="Name">Its path, such as <c>charly/secret/DB_PASSWORD</c>.</param>
/// <param name="Service">Such as <c>charly/secret</c>.</param>
/// <param name="Item">Such as <c>DB_PASSWORD</c>.</param>
/// <param name="Source">Where it is kept: <c>Keyring</c>, <c>Kdbx</c> or <c>Config</c>.</param>
public sealed record CredentialName(string Name, string Service, string Item, CredentialSource Source)
{
    internal CredentialName(CredentialAddress address, CredentialSource source)
        : this($"{address.Service}/{address.Item}", address.Service, address.Item, source)
    {
    }

    /// <summary>Its address.</summary>
    internal CredentialAddress Address => new(Service, Item);
}
