using System.Text.Json;
using System.Text.Json.Serialization;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary><c>command.json</c>: what a machine is, and the command line that it was last started with.</summary>
/// <param name="Argv">Program and arguments, word by word: a joined line would break on blanks.</param>
/// <param name="Machine">What the arguments follow from.</param>
/// <param name="SshPortIsFree">Whether another ssh port may be taken at start if this one is busy by then.</param>
internal sealed record QemuMachineFile(IReadOnlyList<string> Argv, QemuMachine Machine, bool SshPortIsFree)
{
    /// <summary>Reads the file; null if there is none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public static QemuMachineFile? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), QemuJson.Default.QemuMachineFile) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new CharlyException(
                Errors.RegistryCorrupt,
                $"{path} can't be read: {e.Message}",
                "Remove the machine and create it anew; its disk stays.",
                target: path,
                inner: e);
        }
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, QemuJson.Default.QemuMachineFile), AtomicFile.Private);
}

/// <summary>Serialisers of what the QEMU backend keeps.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QemuMachineFile))]
internal sealed partial class QemuJson : JsonSerializerContext;
