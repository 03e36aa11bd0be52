using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>What verbs say they would do, what backends refuse, and how snapshots and copies are named, around a backend that does nothing.</summary>
public sealed class VmPreviewTests : IDisposable
{
    private readonly Host _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_preview_tells_what_would_change_and_changes_nothing()
    {
        await CreateAsync();
        var before = Files();
        var start = await PreviewAsync(VmVerb.Start);
        Assert.Equal((VmStatus.Prepared, VmStatus.Running), (start.From, start.To));
        Assert.Equal(["boot it"], start.Changes);
        Assert.Empty((await PreviewAsync(VmVerb.Stop)).Changes);
        Assert.Contains((await PreviewAsync(VmVerb.Destroy)).Changes, c => c.StartsWith("remove its record", StringComparison.Ordinal));
        Assert.Equal(Errors.VmState, await CodeAsync(() => PreviewAsync(VmVerb.Suspend)));
        Assert.Equal(Errors.SnapshotNotFound, await CodeAsync(() => PreviewAsync(VmVerb.Restore, "none")));
        Assert.Equal(Errors.BadName, await CodeAsync(() => PreviewAsync(VmVerb.Snapshot, "../up")));
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task A_removal_of_what_was_never_made_is_told_as_it_would_be_done_and_that_of_a_stranger_refused()
    {
        _host.Declare("web");
        var preview = await PreviewAsync(VmVerb.Destroy);
        Assert.Equal((VmStatus.Destroyed, "remove what is left of it"), (preview.From, Assert.Single(preview.Changes)));
        await new DestroyVm(_host.Services).RunAsync(new DestroyVmRequest { Name = "web" });
        foreach (var name in (string[])["nobody", "vmfile:nobody"])
        {
            var error = await Assert.ThrowsAsync<CharlyException>(() => new PreviewVm(_host.Services).RunAsync(new PreviewVmRequest(VmVerb.Destroy, name)));
            Assert.Equal(Errors.VmNotFound, error.Code);
        }
    }

    [Fact]
    public async Task A_backend_without_snapshots_refuses_before_anything_changes()
    {
        await CreateAsync();
        var before = Files();
        var take = new CreateVmSnapshot(_host.Services);
        Assert.Equal(Errors.BackendUnsupported, await CodeAsync(() => take.RunAsync(new CreateVmSnapshotRequest { Name = "web", Snapshot = "one" })));
        Assert.Equal(Errors.BackendUnsupported, await CodeAsync(() => new MonitorVm(_host.Services).RunAsync("web")));
        Assert.Equal(Errors.BadName, await CodeAsync(() => take.RunAsync(new CreateVmSnapshotRequest { Name = "web", Snapshot = "a b" })));
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task A_registry_of_snapshots_that_is_half_written_is_an_error_and_stays_as_it_is()
    {
        await CreateAsync();
        var path = Path.Combine(_host.Paths.VmState("charly-web"), "snapshots", "registry.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "{\"version\": 1, \"snapsh");
        Assert.Equal(Errors.RegistryCorrupt, await CodeAsync(() => new GetVmSnapshots(_host.Services).RunAsync("web")));
        Assert.Equal("{\"version\": 1, \"snapsh", File.ReadAllText(path));
    }

    [Fact]
    public void Users_of_a_snapshot_are_counted_once_each_and_unknown_keys_stay()
    {
        var files = new VmFiles(_host.Paths, "charly-web");
        var registry = new SnapshotRegistry(files, "web");
        registry.Put(new VmSnapshot { Vm = "web", Name = "one", Mode = VmSnapshotMode.External, Created = DateTimeOffset.UnixEpoch, DiskPath = "/d" });
        registry.SetUser("one", "charly-two", stands: true);
        registry.SetUser("one", "charly-two", stands: true);
        Assert.Equal(1, registry.Require("one").Refcount);
        registry.Put(registry.Require("one") with { Description = "changed" });
        Assert.Equal(["charly-two"], registry.Users("one"));
        SnapshotRegistry.Release(_host.Paths, "charly-two");
        Assert.Equal(0, registry.Require("one").Refcount);
        Assert.Equal("changed", registry.Require("one").Description);
    }

    [Theory]
    [InlineData("./a", "web:/tmp", "web", true)]
    [InlineData("web/blue:/etc/x", ".", "web/blue", false)]
    [InlineData("vmfile:lab:/etc/x", "./out:put", "vmfile:lab", false)]
    public void A_copy_has_one_side_in_a_machine(string source, string destination, string machine, bool isUpload) =>
        Assert.Equal((machine, isUpload), CopyVmItem.Guest(new CopyVmItemRequest(source, destination)));

    [Theory]
    [InlineData("a", "b")]
    [InlineData("web:/a", "db:/b")]
    public void A_copy_with_none_or_both_sides_in_machines_is_refused(string source, string destination) =>
        Assert.Equal(Errors.Usage, Assert.Throws<CharlyException>(() => CopyVmItem.Guest(new CopyVmItemRequest(source, destination))).Code);

    private async Task CreateAsync()
    {
        _host.Declare("web", s => s with { Source = new ImportedSource("dom", _host.At("own.qcow2"), "qcow2") });
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        await new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = "web" });
    }

    private Task<VmPreview> PreviewAsync(VmVerb verb, string? snapshot = null) => new PreviewVm(_host.Services).RunAsync(new PreviewVmRequest(verb, "web", snapshot));

    private string[] Files() => [.. Directory.EnumerateFiles(_host.Folder, "*", SearchOption.AllDirectories).Where(f => !f.Contains(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static async Task<ErrorCode> CodeAsync(Func<Task> verb) => (await Assert.ThrowsAsync<CharlyException>(verb)).Code;
}
