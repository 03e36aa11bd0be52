using System.Reflection;
using System.Runtime.InteropServices;
using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>The charly executable that is put into guests: one file that needs nothing else there (vm.md §7.3).</summary>
/// <param name="environment">Where <c>CHARLY_GUEST_BINARY</c> and the installation are found.</param>
internal sealed class GuestPayload(CharlyEnvironment environment)
{
    /// <summary>Our own version, without what follows its numbers.</summary>
    public static string Version { get; } =
        (typeof(GuestPayload).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+', '-')[0];

    /// <summary>The runtime identifier of a guest, such as <c>linux-x64</c> or <c>linux-musl-arm64</c>; null for a machine that none is built for.</summary>
    /// <param name="machine">What <c>uname -m</c> says.</param>
    /// <param name="isMusl">Whether its C library is musl.</param>
    public static string? Runtime(string machine, bool isMusl) => machine switch
    {
        "x86_64" or "amd64" => isMusl ? "linux-musl-x64" : "linux-x64",
        "aarch64" or "arm64" => isMusl ? "linux-musl-arm64" : "linux-arm64",
        _ => null,
    };

    /// <summary>
    /// The executable for a guest: the one of <c>CHARLY_GUEST_BINARY</c>, else the one that the installation has for it, else the
    /// program that runs, if it is that one file; null if there is none.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/> if the variable names no file.</exception>
    public string? FileFor(string? runtime)
    {
        if (environment.Variable("CHARLY_GUEST_BINARY") is { } named)
        {
            var path = environment.Resolve(named);
            return File.Exists(path) ? path : throw new CharlyException(
                Errors.FileMissing, $"there is no {path}, which CHARLY_GUEST_BINARY names", "Correct the variable, or unset it.", target: path);
        }

        if (runtime is null || environment.Installation is not { } folder) return null;
        var kept = Path.Combine(folder, "guest", runtime, "charly");
        if (File.Exists(kept)) return kept;
        var own = Path.Combine(folder, "charly");
        return runtime == RuntimeInformation.RuntimeIdentifier && File.Exists(own) && !File.Exists(own + ".dll") ? own : null;
    }
}
