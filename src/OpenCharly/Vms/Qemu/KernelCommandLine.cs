namespace OpenCharly.Vms.Qemu;

/// <summary>The command line of a kernel that QEMU loads itself (vm.md §3.1).</summary>
internal static class KernelCommandLine
{
    /// <summary>
    /// Drops what only a boot loader means and what is said twice; adds what a guest without a person in front of it needs,
    /// unless the author says otherwise.
    /// </summary>
    /// <param name="text">As given.</param>
    /// <param name="architecture">Architecture of the guest.</param>
    public static string Complete(string text, string architecture)
    {
        var words = text.Split((char[])[' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
            .Where(w => !w.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal) && w != "$vt_handoff")
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (!words.Contains("rootwait")) words.Add("rootwait");
        if (!Has("systemd.firstboot=")) words.Add("systemd.firstboot=off");
        if (!Has("console=")) words.AddRange(["console=tty0", $"console={(architecture == "aarch64" ? "ttyAMA0" : "ttyS0")},115200n8"]);
        return string.Join(' ', words);

        bool Has(string key) => words.Any(w => w.StartsWith(key, StringComparison.Ordinal));
    }
}
