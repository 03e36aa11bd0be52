using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Container;

/// <summary>Units that came with packages, on a host with systemd.</summary>
[Collection("container")]
public sealed class PackageUnitTests(DebianContainer host)
{
    // The package starts nothing and stops nothing; asking the bus for its name does.
    [ContainerFact]
    public async Task What_a_question_started_does_not_outlive_its_package()
    {
        host.WriteCandy("machines", "  distro:\n    debian:\n      package: [systemd-container]\n");
        var added = await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = DebianContainer.Name, Ref = "machines", Options = new InstallOptions { Yes = true } });
        Assert.Null(added.Failure);
        await host.RunAsync("busctl call org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager ListMachines");
        Assert.Equal("active\n", await host.RunAsync("systemctl is-active systemd-machined"));

        Assert.Null((await new RemoveBundle(host.Context).RunAsync(new RemoveBundleRequest { Name = DebianContainer.Name })).Failure);
        Assert.Equal("inactive\n", await host.RunAsync("systemctl is-active systemd-machined || true"));
    }
}
