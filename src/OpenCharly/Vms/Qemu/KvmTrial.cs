using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>Boots a guest of one disk sector under KVM, with the processor that real guests would get.</summary>
internal static class KvmTrial
{
    /// <summary>What the guest writes to the debug-exit port; QEMU then ends with twice that plus one.</summary>
    private const int ExitCode = (0x10 << 1) | 1;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A boot sector that goes the way every kernel goes: real mode, page tables, EFER.LME by rdmsr and wrmsr, long mode,
    /// cpuid, rdtsc, then <c>out 0xf4, 0x10</c>. Broken virtualisation fails at the firmware, at the MSRs or at the switch.
    /// </summary>
    private const string BootCode =
        "fa31c08ed88ec08ed0bc007c66bf001000000f22df6631c066b9000c0000fc66f3abc70600100320c70600200330c70600308300" +
        "0f20e00c200f22e066b9800000c00f3280cc010f300f20c0660d010000800f22c00f0116807cea5f7c08000fa20f31b010e6f4f4" +
        "ebfd660f1f440000000000000000000000000000009a20000f00707c";

    /// <summary>Null if the guest reached its end, else what happened instead.</summary>
    public static async Task<string?> RunAsync(IProcessRunner processes, string qemu, string architecture, CancellationToken cancellationToken)
    {
        // On the other architectures a device that opens is the rule, and nothing like the sector exists.
        if (architecture != "x86_64") return null;
        var folder = Directory.CreateTempSubdirectory("charly-kvm-");
        try
        {
            var image = Path.Combine(folder.FullName, "boot.img");
            File.WriteAllBytes(image, Sector());
            var result = await processes.RunAsync(
                new ProcessRequest(qemu,
                    "-machine", "pc,accel=kvm", "-cpu", "host", "-nodefaults", "-display", "none", "-m", "16M", "-no-reboot",
                    "-drive", $"if=ide,format=raw,file={QemuArguments.Escape(image)}",
                    "-device", "isa-debug-exit,iobase=0xf4,iosize=4") { Timeout = Limit },
                cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == ExitCode) return null;
            var tail = result.Tail(1);
            return $"KVM is there but runs no guest: QEMU ended with {result.ExitCode}{(tail.Length == 0 ? "" : ", " + tail)}";
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            return $"KVM is there but runs no guest: a guest of one sector did not end within {Limit.TotalSeconds:0} s";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Sector()
    {
        var sector = new byte[512];
        Convert.FromHexString(BootCode).CopyTo(sector, 0);
        sector[510] = 0x55;
        sector[511] = 0xaa;
        return sector;
    }
}
