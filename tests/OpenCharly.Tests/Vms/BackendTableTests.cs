using System.Runtime.CompilerServices;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

/// <summary>What the backends declare, what the page on them says, and what they refuse.</summary>
public sealed class BackendTableTests
{
    private static readonly (string Words, Func<HypervisorCapabilities, bool> Can)[] Rows =
    [
        ("user networking, ports of this machine lead into the guest", c => c.UserNetwork),
        ("a bridge of the host", c => c.Bridge),
        ("a network of libvirt's (`nat`)", c => c.Nat),
        ("a VNIC of illumos (`vnic`)", c => c.Vnic),
        ("UEFI, secure boot", c => c.Uefi),
        ("direct kernel boot", c => c.DirectBoot),
        ("suspend, resume", c => c.Suspend),
        ("a console to attach to", c => c.Console),
        ("start with the host", c => c.Autostart),
        ("snapshots inside the disk", c => c.InternalSnapshots),
        ("such of a running machine", c => c.LiveInternalSnapshots),
        ("snapshots as files, for clones", c => c.ExternalSnapshots),
        ("such of a running machine", c => c.LiveExternalSnapshots),
        ("saved states that machines boot from", c => c.SavedStates),
        ("monitor on the terminal", c => c.Monitor),
        ("devices of the host", c => c.HostDevices),
        ("shared folders", c => c.SharedFolders),
        ("snippets of domain XML", c => c.RawXml),
        ("makes the disk itself, nothing to build", c => c.MakesDisk),
    ];

    [Fact]
    public void The_page_on_backends_says_what_they_declare()
    {
        using var host = new Host();
        var page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/backends.md"));
        var text = File.ReadAllText(page);
        var table = Table(host.Services.Router.Backends);
        var (start, end) = (text.IndexOf("| what |", StringComparison.Ordinal), text.IndexOf("\n\n", text.IndexOf("| what |", StringComparison.Ordinal), StringComparison.Ordinal) + 1);
        if (Environment.GetEnvironmentVariable("CHARLY_UPDATE_GOLDEN") == "1") File.WriteAllText(page, text[..start] + table + text[end..]);
        Assert.Equal(table, File.ReadAllText(page)[start..(start + table.Length)]);
    }

    [Fact]
    public void Every_declared_capability_has_a_row() =>
        Assert.Equal(typeof(HypervisorCapabilities).GetProperties().Count(p => p.PropertyType == typeof(bool)), Rows.Length);

    [Theory]
    [InlineData("propolis", "bridge", null, false, "join a bridge")]
    [InlineData("propolis", "nat", null, false, "join a network of libvirt's")]
    [InlineData("propolis", "user", "uefi-insecure", false, "boot by uefi-insecure")]
    [InlineData("propolis", "user", null, true, "boot a kernel that is given")]
    [InlineData("qemu", "vnic", null, false, "give a guest a VNIC")]
    [InlineData("libvirt", "vnic", null, false, "give a guest a VNIC")]
    public void What_a_backend_can_not_do_is_refused_by_name(string backend, string mode, string? firmware, bool hasKernel, string words)
    {
        using var host = new Host();
        var hypervisor = host.Services.Router.Backends.Single(b => b.Backend == backend);
        var spec = Host.Spec("web") with { Network = new VmNetwork { Mode = mode }, Firmware = firmware };
        var error = Assert.Throws<CharlyException>(() => BackendRefusal.ThrowIfUnsupported(hypervisor, spec, new VmName("web"), hasKernel));
        Assert.Equal(Errors.BackendUnsupported, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Position);
    }

    [Fact]
    public void Ports_to_forward_are_refused_where_there_are_none()
    {
        using var host = new Host();
        var spec = Host.Spec("web") with { Network = new VmNetwork { PortForwards = [new PortForward("127.0.0.1", 80, 80, "tcp")] } };
        var propolis = host.Services.Router.Backends.Single(b => b.Backend == "propolis");
        Assert.Equal(Errors.BackendUnsupported, Assert.Throws<CharlyException>(() => BackendRefusal.ThrowIfUnsupported(propolis, spec, new VmName("web"), false)).Code);
        Assert.False(BackendRefusal.ForwardsPorts(propolis, Host.Spec("web")));
        foreach (var backend in host.Services.Router.Backends.Where(b => b.Backend != "propolis")) BackendRefusal.ThrowIfUnsupported(backend, spec, new VmName("web"), true);
    }

    private static string Table(IReadOnlyList<IHypervisor> backends)
    {
        var text = new StringBuilder($"| what | {string.Join(" | ", backends.Select(b => b.Backend))} |\n|---|{string.Concat(backends.Select(_ => ":-:|"))}\n");
        foreach (var (words, can) in Rows) text.Append($"| {words} | {string.Join(" | ", backends.Select(b => can(b.Capabilities) ? "yes" : "–"))} |\n");
        return text.ToString();
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
