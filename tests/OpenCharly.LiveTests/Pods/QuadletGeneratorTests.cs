using System.Runtime.CompilerServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Pods;

/// <summary>Every golden quadlet goes through podman 5's own generator, and what comes out through systemd's own check.</summary>
public sealed class QuadletGeneratorTests(QuadletGenerator generator, ITestOutputHelper output) : IClassFixture<QuadletGenerator>
{
    // Programs that a unit names and that this machine need not have.
    private static readonly string[] Absent = ["/usr/bin/charly", "tailscale", "cloudflared"];

    [Fact]
    public async Task The_generator_takes_every_golden_file_and_systemd_takes_every_unit()
    {
        if (generator.Reason is { } reason)
        {
            output.WriteLine("skipped: " + reason);
            return;
        }

        var folders = Directory.GetDirectories(Golden());
        Assert.True(folders.Length >= 20, $"there are {folders.Length} golden pods");
        foreach (var folder in folders)
        {
            var (made, units) = await generator.RunAsync(folder);
            Assert.True(made.Succeeded, $"{Path.GetFileName(folder)}: {made.StandardOutput}{made.StandardError}");
            var services = Directory.GetFiles(units, "*.service");
            Assert.Equal(Directory.GetFiles(folder).Length, services.Length);
            await VerifyAsync(Path.GetFileName(folder), services);
        }
    }

    [Fact]
    public async Task The_generator_refuses_an_unknown_key_so_its_yes_means_something()
    {
        if (generator.Reason is not null) return;
        var folder = Directory.CreateTempSubdirectory("charly-quadlet-bad-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "bad.container"), "[Container]\nImage=x\nNoSuchKey=1\n");
            var (made, _) = await generator.RunAsync(folder);
            Assert.False(made.Succeeded);
            Assert.Contains("NoSuchKey", made.StandardError, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task VerifyAsync(string pod, string[] services)
    {
        var programs = new ProcessRunner(CharlyEnvironment.FromProcess());
        if (programs.Find("systemd-analyze") is null) return;
        var run = Directory.CreateTempSubdirectory("charly-verify-").FullName;
        try
        {
            var request = new ProcessRequest("systemd-analyze", ["verify", "--user", "--man=no", .. services]) { Variables = new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = run } };
            var verified = await programs.RunAsync(request);
            var complaints = verified.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => !Absent.Any(a => l.Contains($"{a} is not executable", StringComparison.Ordinal)) && l.Contains("charly-", StringComparison.Ordinal));
            Assert.True(!complaints.Any(), $"{pod}: {string.Join('\n', complaints)}");
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }

    private static string Golden([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../OpenCharly.Tests/Pods/Golden"));
}
