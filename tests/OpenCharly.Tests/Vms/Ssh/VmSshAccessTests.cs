using OpenCharly.Tests.Vms;
using OpenCharly.Vms;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Tests.Vms.Ssh;

public sealed class VmSshAccessTests : IDisposable
{
    private readonly Host _host = new();

    [Fact]
    public void Where_ssh_reads_another_home_the_stanzas_are_named_to_it()
    {
        var destination = new VmSshAccess(_host.Environment, _host.Paths).DestinationFor(new VmName("web"));
        Assert.Equal(("charly-web", _host.Paths.SshConfig), (destination.Host, destination.ConfigFile));
        Assert.Empty(destination.Arguments);
    }

    [Fact]
    public void Another_port_still_meets_the_host_key_on_record()
    {
        var destination = new VmSshAccess(_host.Environment, _host.Paths).DestinationFor(new VmName("web"), "me", 22, "~/key");
        Assert.Equal(("me", 22), (destination.User, destination.Port));
        Assert.Equal(["-o", "HostKeyAlias=charly-web", "-i", Path.Combine(_host.Folder, "key")], destination.Arguments);
    }

    public void Dispose() => _host.Dispose();
}
