using OpenCharly.Execution;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Transfer;

/// <summary>Projects that declare the guest, so that something can be applied to it.</summary>
internal static class GuestProject
{
    private static string Root => EndToEnd.GuestFixture.RepositoryRoot();

    /// <summary>The published command, as one file; built if its sources are newer.</summary>
    public static async Task<string> CharlyAsync(this PodmanGuest guest)
    {
        var built = await guest.Lab.Context.Processes.RunAsync(new ProcessRequest(Path.Combine(Root, "charly"), "--version"));
        Assert.True(built.Succeeded, built.Tail(10));
        return Path.Combine(Root, "out", "charly", "charly");
    }

    /// <summary>Writes a project with a small candy that declares the machine, and gives a context on it.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="charly">Executable for guests.</param>
    /// <param name="cloudInit">Value of the machine's <c>cloud_init:</c>; none if null.</param>
    /// <param name="deploy">Its entry, in flow style; none if null.</param>
    public static CharlyContext Project(this PodmanGuest guest, string charly, string? cloudInit = null, string? deploy = null)
    {
        Write(guest, "charly.yml",
            $$"""
            version: 2026.163.0928
            discover: [candy]
            vm:
              {{PodmanGuest.Vm}}:
                source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}
                disk_size: 4G
                ram: 1G
                ssh: {user: tester, port_auto: true, key_source: generate}
            {{(cloudInit is null ? "" : $"    cloud_init: {cloudInit}")}}
            {{(deploy is null ? "" : $"deploy:\n  vm:{PodmanGuest.Vm}: {deploy}")}}

            """);
        Write(guest, "candy/small/charly.yml", "candy:\n  name: small\n  version: 2026.180.1200\n  env: {SMALL: thing}\n");
        var variables = new Dictionary<string, string>(guest.Lab.Environment.Variables) { ["CHARLY_GUEST_BINARY"] = charly };
        return new CharlyContext(guest.Lab.Environment with { Variables = variables }, guest.Lab.Context.Progress);
    }

    /// <summary>Writes a file of the project.</summary>
    public static void Write(PodmanGuest guest, string path, string text)
    {
        var file = Path.Combine(guest.Lab.Project, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
