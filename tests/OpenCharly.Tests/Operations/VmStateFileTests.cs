using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>Records of machines as a file: out of one user's folders, into another's.</summary>
public sealed class VmStateFileTests : IDisposable
{
    private readonly Host _here = new();
    private readonly Host _there = new();

    private string File => _here.At("machines.json");

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public async Task Machines_are_known_again_where_their_records_are_imported()
    {
        await PutAsync("web");
        await PutAsync("db");
        Assert.Equal(["vm:db", "vm:web"], (await ExportAsync()).Select(s => s.Key));
        Assert.Equal("600", Convert.ToString((int)System.IO.File.GetUnixFileMode(File), 8));
        var record = Assert.IsType<JsonArray>(JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File)))[1]!;
        Assert.Equal(("charly-web", (int?)null), ((string?)record["name"], (int?)record["pid"]));

        Assert.Equal(["vm:db", "vm:web"], (await ImportAsync()).Select(s => s.Key));
        var web = _there.Services.Registry.Find("charly-web")!;
        Assert.Equal((_there.Paths.VmState("charly-web"), Path.Combine(_there.Paths.VmState("charly-web"), "seed.iso"), "/srv/web.qcow2", 40022), (web.WorkDir, web.SeedIsoPath, web.OverlayPath, web.SshHostPort));
        Assert.Equal(40022, _there.Services.States.Read("vm:web")!.SshPort);
        Assert.Contains("Host charly-web\n", await System.IO.File.ReadAllTextAsync(_there.Paths.SshConfig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Some_machines_are_exported_by_name_and_an_unknown_one_is_an_error()
    {
        await PutAsync("web");
        await PutAsync("db");
        Assert.Equal("vm:web", Assert.Single(await ExportAsync("we*")).Key);
        Assert.Equal(Errors.FileExists, (await Assert.ThrowsAsync<CharlyException>(() => new ExportVmState(_here.Services).RunAsync(new ExportVmStateRequest { File = File }))).Code);
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => ExportAsync("nobody"))).Code);
        Assert.Single(Assert.IsType<JsonArray>(JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File))));
    }

    [Fact]
    public async Task A_name_that_is_there_is_refused_with_all_others_unless_it_is_to_be_replaced()
    {
        await PutAsync("web");
        await PutAsync("db");
        await ExportAsync();
        await new ImportVmState(_there.Services).RunAsync(new ImportVmStateRequest(File, DryRun: true));
        Assert.Empty(_there.Services.Registry.Read());
        await ImportAsync();
        await _there.Services.Registry.RemoveAsync("charly-db");
        var error = await Assert.ThrowsAsync<CharlyException>(() => ImportAsync());
        Assert.Equal(Errors.VmNameExists, error.Code);
        Assert.Equal(["charly-web"], _there.Services.Registry.Read().Keys);
        await ImportAsync(replace: true);
        Assert.Equal(2, _there.Services.Registry.Read().Count);
    }

    [Theory]
    [InlineData("nothing", "RegistryCorrupt")]
    [InlineData("{}", "RegistryCorrupt")]
    [InlineData("[1]", "RegistryCorrupt")]
    [InlineData("""[{"id": "x", "name": "charly-web", "backend": "noop"}]""", "RegistryCorrupt")]
    [InlineData("""[{"id": "x", "name": "../web", "backend": "noop", "work_dir": "/"}]""", "BadName")]
    public async Task A_file_that_is_none_changes_nothing(string text, string code)
    {
        await System.IO.File.WriteAllTextAsync(File, text);
        var error = await Assert.ThrowsAsync<CharlyException>(() => ImportAsync());
        Assert.Equal(code == "BadName" ? Errors.BadName : Errors.RegistryCorrupt, error.Code);
        Assert.Empty(_there.Services.Registry.Read());
    }

    [Theory]
    [InlineData("\"ssh_user\": \"me\\nHost *\\n    ProxyCommand evil\"", "ssh_user")]
    [InlineData("\"ssh_host_port\": 99999", "ssh_host_port")]
    [InlineData("\"vcpus\": -4", "vcpus")]
    [InlineData("\"memory_mb\": 0", "memory_mb")]
    [InlineData("\"disk_gb\": 0", "disk_gb")]
    [InlineData("\"network\": {\"type\": \"Moon\"}", "network")]
    [InlineData("\"port_forwards\": [\"zz\"]", "port_forwards")]
    public async Task A_record_that_we_would_not_have_written_is_refused(string entry, string key)
    {
        await System.IO.File.WriteAllTextAsync(File, $$"""[{"id": "noop-1", "name": "lab", "backend": "noop", "work_dir": "/w", {{entry}} }]""");
        var error = await Assert.ThrowsAsync<CharlyException>(() => ImportAsync());
        Assert.Equal(Errors.RegistryCorrupt, error.Code);
        Assert.Contains($"record \"lab\": \"{key}\"", error.Message, StringComparison.Ordinal);
        Assert.Empty(_there.Services.Registry.Read());
        Assert.False(System.IO.File.Exists(_there.Paths.SshConfig));
    }

    [Fact]
    public async Task A_record_of_a_backend_that_there_is_not_is_refused()
    {
        await System.IO.File.WriteAllTextAsync(File, """[{"id": "x", "name": "lab", "backend": "moon", "work_dir": "/w"}]""");
        Assert.Contains("\"backend\" is \"moon\"", (await Assert.ThrowsAsync<CharlyException>(() => ImportAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_makes_destroy_delete_what_is_not_the_machines_own()
    {
        await System.IO.File.WriteAllTextAsync(File, $$"""[{"id": "noop-1", "name": "charly-web", "backend": "noop", "work_dir": "{{_there.At("precious")}}", "overlay_path": "{{_there.At("precious")}}/../x"}]""");
        Directory.CreateDirectory(_there.At("precious"));
        await ImportAsync();
        await new DestroyVm(_there.Services).RunAsync(new DestroyVmRequest { Name = "web" });
        Assert.True(Directory.Exists(_there.At("precious")));
    }

    private Task PutAsync(string name) => _here.Services.Registry.PutAsync(new VmHandle
    {
        Id = "noop-" + Guid.NewGuid(), Name = "charly-" + name, Backend = "noop", WorkDir = _here.Paths.VmState("charly-" + name), OverlayPath = $"/srv/{name}.qcow2",
        SeedIsoPath = Path.Combine(_here.Paths.VmState("charly-" + name), "seed.iso"), Pid = 77, SshHostPort = 40022,
    });

    private Task<IReadOnlyList<VmDeployState>> ExportAsync(params string[] names) => new ExportVmState(_here.Services).RunAsync(new ExportVmStateRequest { File = File, Names = names, Overwrite = true });

    private Task<IReadOnlyList<VmDeployState>> ImportAsync(bool replace = false) => new ImportVmState(_there.Services).RunAsync(new ImportVmStateRequest(File, replace));
}
