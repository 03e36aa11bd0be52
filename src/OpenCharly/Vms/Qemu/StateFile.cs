using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>Where QEMU writes a guest's memory to and reads it from: a private file, compressed where zstd is installed.</summary>
internal static class StateFile
{
    private const string Compressed = ".zst";

    /// <summary>The file name's ending.</summary>
    public static string Extension(IProcessRunner processes) => processes.Find("zstd") is null ? "" : Compressed;

    /// <summary>QEMU's address of a new state file.</summary>
    public static string Writer(string path, IProcessRunner processes) =>
        "exec:umask 077; exec " + (path.EndsWith(Compressed, StringComparison.Ordinal) ? $"{Shell.Quote(Zstd(path, processes))} -q -1 -T0" : "cat") + " > " + Shell.Quote(path);

    /// <summary>QEMU's address of a state file that is there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if it needs zstd, and there is none.</exception>
    public static string Reader(string path, IProcessRunner processes) =>
        "exec:exec " + (path.EndsWith(Compressed, StringComparison.Ordinal) ? $"{Shell.Quote(Zstd(path, processes))} -q -dc " : "cat ") + Shell.Quote(path);

    private static string Zstd(string path, IProcessRunner processes) => processes.Find("zstd") ?? throw new CharlyException(
        Errors.ToolMissing, $"the saved state {path} is compressed, and the program zstd is not installed", "Install it: apt-get install zstd.", target: "zstd");
}
