using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Tests.Pods;

/// <summary>What verbs would do to a pod. Whatever is asked, nothing below the home changes, and neither engine nor service manager is told to.</summary>
public sealed class PreviewTests : IDisposable
{
    private const string Running = """[{"Names":["charly-plain"],"Image":"plain","State":"running"}]""";
    private static readonly PodRequest Plain = new() { Name = "plain" };
    private readonly PodLab _lab = new();

    public PreviewTests() => _lab.Add(
        "plain:2026.150.0900",
        PodCases.Plain with { Ports = [new(8080, false)], Volumes = [new("charly-plain-data", "/data")], Data = [new LabelData("data", "/staging/data", "notes", "")] });

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Starting_what_is_not_configured_tells_the_files()
    {
        var preview = await QuietAsync(p => p.StartAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }));
        Assert.Equal(PodStatus.NotConfigured, preview.Status);
        Assert.Equal(["configure it: plain:2026.150.0900, quadlet", $"write {_lab.Quadlet("charly-plain.container")}", "start it"], preview.Changes);
    }

    [Fact]
    public async Task What_runs_is_not_started_and_what_does_not_is_not_stopped()
    {
        await _lab.ConfigureAsync("plain");
        Assert.Equal(["start it"], (await QuietAsync(p => p.StartAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }))).Changes);
        Assert.Empty((await QuietAsync(p => p.StopAsync(Plain, unmount: false))).Changes);
        Assert.Equal(["start it"], (await QuietAsync(p => p.RestartAsync(Plain))).Changes);
        _lab.Containers = Running;
        Assert.Empty((await QuietAsync(p => p.StartAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }))).Changes);
        Assert.Equal(["stop it"], (await QuietAsync(p => p.StopAsync(Plain, unmount: false))).Changes);
        Assert.Equal(["stop it", "start it"], (await QuietAsync(p => p.RestartAsync(Plain))).Changes);
        Assert.Equal(["stop it", "disable charly-plain.service", "no longer offer what it provides"], (await QuietAsync(p => p.DisableAsync(Plain))).Changes);
    }

    [Fact]
    public async Task Seeding_names_volumes_and_how()
    {
        await _lab.ConfigureAsync("plain", r => r with { Seed = null });
        Assert.Equal(["copy the image's files, if it is empty, into the volume data"], (await QuietAsync(p => p.SeedAsync(Plain, SeedMode.Initial, null, null))).Changes);
        await _lab.ConfigureAsync("plain");
        Assert.Empty((await QuietAsync(p => p.SeedAsync(Plain, SeedMode.Initial, null, null))).Changes);
        Assert.Equal(["copy the image's files over those in the volume data"], (await QuietAsync(p => p.SeedAsync(Plain, SeedMode.Force, null, null))).Changes);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new PreviewPod(_lab.Context).SeedAsync(Plain, SeedMode.Initial, "date", null));
        Assert.Equal(Errors.PodVolume, error.Code);
    }

    [Fact]
    public async Task Encrypted_volumes_are_named_as_far_as_they_are_concerned()
    {
        _lab.Write("deploy:\n  plain: {box: plain, volume: [{name: data, type: encrypted}]}\n");
        Assert.Equal(["mount the volume data"], (await QuietAsync(p => p.VolumesAsync(Plain, PodVerb.Mount, null))).Changes);
        Assert.Empty((await QuietAsync(p => p.VolumesAsync(Plain, PodVerb.Unmount, null))).Changes);
        Assert.Equal(["change the passphrase of the volume data"], (await QuietAsync(p => p.VolumesAsync(Plain, PodVerb.ChangePassphrase, null))).Changes);
    }

    [Fact]
    public async Task An_update_tells_every_part_of_itself()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        await _lab.ConfigureAsync("plain");
        var before = _lab.Photograph();
        var result = await new UpdateBundle(_lab.Context).RunAsync(new UpdateBundleRequest { Name = "plain", DryRun = true });
        Assert.True(result.DryRun);
        Assert.Equal(
            ["stop it", "configure it: plain:2026.150.0900, quadlet", $"write {_lab.Quadlet("charly-plain.container")}", "copy the image's files into its volumes", "start it"], result.Items);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task What_the_verb_refuses_is_refused_before()
    {
        Assert.Equal(Errors.PodNotConfigured, (await Assert.ThrowsAsync<CharlyException>(() => new PreviewPod(_lab.Context).StopAsync(Plain, unmount: false))).Code);
        Assert.Equal(Errors.PodNotConfigured, (await Assert.ThrowsAsync<CharlyException>(() => new PreviewPod(_lab.Context).VolumesAsync(new PodRequest { Name = "nobody" }, PodVerb.Mount, null))).Code);
    }

    private async Task<PodPreview> QuietAsync(Func<PreviewPod, Task<PodPreview>> ask)
    {
        var before = _lab.Photograph();
        _lab.Requests.Clear();
        var preview = await ask(new PreviewPod(_lab.Context));
        Assert.Equal(before, _lab.Photograph());
        Assert.DoesNotContain(_lab.Commands, c => c.Contains(" start ", StringComparison.Ordinal) || c.Contains(" stop ", StringComparison.Ordinal) || c.Contains(" run ", StringComparison.Ordinal) || c.Contains(" disable ", StringComparison.Ordinal));
        return preview;
    }
}
