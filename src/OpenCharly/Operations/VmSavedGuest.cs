using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>How the guest in a saved state is reached when it wakes up: account, host key, and the key that it lets in.</summary>
/// <param name="User">Account.</param>
/// <param name="HostKey">Its public host key; null if it made its own.</param>
/// <param name="KeyPath">Private key that it lets in; null for the user's own.</param>
/// <param name="PublicKey">Public half of that key; null if it is not ours.</param>
internal sealed record VmSavedGuest(string User, string? HostKey, string? KeyPath, string? PublicKey)
{
    private const string FileName = "guest.json";

    /// <summary>Writes what is known of a machine beside its saved state.</summary>
    public static void Keep(VmServices services, VmName name, string folder)
    {
        var files = services.Files(name);
        var user = services.States.Read(name.Key)?.SshUser ?? services.Registry.Find(name.Id)?.SshUser ?? "";
        var record = new JsonObject { ["user"] = user };
        if (File.Exists(files.HostKey + ".pub")) record["host_key"] = File.ReadAllText(files.HostKey + ".pub").Trim();
        if (File.Exists(files.Key))
        {
            // The guest lets this key in even after its machine was destroyed.
            var copy = Path.Combine(folder, "login_key");
            AtomicFile.Write(copy, File.ReadAllBytes(files.Key), AtomicFile.Private);
            record["key"] = copy;
            record["public_key"] = File.ReadAllText(files.Key + ".pub").Trim();
        }

        AtomicFile.Write(Path.Combine(folder, FileName), record.ToJsonString() + "\n", AtomicFile.Private);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/> if it is gone or damaged.</exception>
    public static VmSavedGuest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var record = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("it holds no object");
            return new VmSavedGuest((string?)record["user"] ?? "", (string?)record["host_key"], (string?)record["key"], (string?)record["public_key"]);
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException)
        {
            throw new CharlyException(Errors.SnapshotFailed, $"{path} can't be read: {e.Message}", "Remove the snapshot and take it anew.", target: path, inner: e);
        }
    }
}
