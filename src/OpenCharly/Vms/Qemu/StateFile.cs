using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Where QEMU writes a guest's memory to and reads it from: private files. As a pair the memory can be mapped, and a machine wakes
/// from it at once; else it is one file, compressed where zstd is installed.
/// </summary>
internal static class StateFile
{
    private const string Compressed = ".zst";
    private const string Mappable = ".ram";
    private const string Devices = ".devices";

    /// <summary>The file name's ending of a single file.</summary>
    public static string Extension(IProcessRunner processes) => processes.Find("zstd") is null ? "" : Compressed;

    /// <summary>QEMU's address of a new state file.</summary>
    public static string Writer(string path, IProcessRunner processes) =>
        "exec:umask 077; exec " + (path.EndsWith(Compressed, StringComparison.Ordinal) ? $"{Shell.Quote(Zstd(path, processes))} -q -1 -T0" : "cat") + " > " + Shell.Quote(path);

    /// <summary>QEMU's address of a state file that is there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if it needs zstd, and there is none.</exception>
    public static string Reader(string path, IProcessRunner processes) =>
        "exec:exec " + (path.EndsWith(Compressed, StringComparison.Ordinal) ? $"{Shell.Quote(Zstd(path, processes))} -q -dc " : "cat ") + Shell.Quote(IsMappable(path) ? Rest(path) : path);

    /// <summary>The file that a machine maps as its memory; null if the state is a single file that is read.</summary>
    public static string? Image(string path) => IsMappable(path) ? path : null;

    /// <summary>Makes a pair of an uncompressed single file, which is gone then.</summary>
    /// <returns>The new path of the state; null if it is not of the kind that can be split, and stays.</returns>
    /// <exception cref="IOException">There is no room for it; the single file stays.</exception>
    public static string? Split(string path, QemuMachine machine, CancellationToken cancellationToken)
    {
        var image = path + Mappable;
        if (!MemoryImage.TrySplit(path, image, Rest(image), machine.MemoryMb << 20, cancellationToken)) return null;
        File.Delete(path);
        return image;
    }

    /// <summary>Removes a state. Machines that woke from it go on with what they have mapped.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        if (IsMappable(path)) File.Delete(Rest(path));
    }

    /// <summary>The file of the pair that is not there; null if all is.</summary>
    public static string? FindMissing(string path) => !File.Exists(path) ? path : IsMappable(path) && !File.Exists(Rest(path)) ? Rest(path) : null;

    private static bool IsMappable(string path) => path.EndsWith(Mappable, StringComparison.Ordinal);

    private static string Rest(string image) => image[..^Mappable.Length] + Devices;

    private static string Zstd(string path, IProcessRunner processes) => processes.Find("zstd") ?? throw new CharlyException(
        Errors.ToolMissing, $"the saved state {path} is compressed, and the program zstd is not installed", "Install it: apt-get install zstd.", target: "zstd");
}
