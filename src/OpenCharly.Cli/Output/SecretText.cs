using System.Text.Json;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>How the names of secrets are printed; values never are.</summary>
internal static class SecretText
{
    private static readonly TableColumnSpec[] Columns = [new("SERVICE"), new("ITEM"), new("SOURCE")];

    public static void Print(Invocation run, IReadOnlyList<CredentialName> names, string empty)
    {
        if (names.Count == 0 && !run.IsJson) run.Tell(NoticeLevel.Info, empty);
        else run.PrintAll(names, all => run.Table(Columns, all.Select(n => (string[])[n.Service, n.Item, Word(n.Source)])), Write);
    }

    public static void Write(Utf8JsonWriter json, CredentialName name)
    {
        json.WriteStartObject();
        json.WriteString("service", name.Service);
        json.WriteString("item", name.Item);
        json.WriteString("source", Word(name.Source));
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SecretVariable variable)
    {
        json.WriteStartObject();
        json.WriteString("name", variable.Name);
        json.WriteString("path", variable.Path);
        json.WriteEndObject();
    }

    public static void Print(Invocation run, IReadOnlyList<GpgKey> keys) => run.PrintAll(
        keys,
        all => run.Table([new("FINGERPRINT"), new("OWNER", Wraps: true)], all.Select(k => (string[])[k.Fingerprint, k.UserId.Length > 0 ? k.UserId : "-"])),
        (json, key) =>
        {
            json.WriteStartObject();
            Members(json, key);
            json.WriteEndObject();
        });

    public static void Write(Utf8JsonWriter json, GpgSetup setup)
    {
        json.WriteStartObject();
        Members(json, setup.Key);
        json.WriteBoolean("is_new", setup.IsNew);
        json.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter json, GpgKey key)
    {
        json.WriteString("fingerprint", key.Fingerprint);
        json.WriteString("user_id", key.UserId);
    }

    public static string Word(CredentialSource source) => source.ToString().ToLowerInvariant();

    public static string Place(CredentialSource source) => source switch
    {
        CredentialSource.Keyring => "the keyring",
        CredentialSource.Kdbx => "the KeePass file",
        _ => "the settings file",
    };
}
