using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

public sealed class VmRegistryTests : IDisposable
{
    private readonly Host _host = new();

    private VmRegistry Registry => new(_host.Paths.VmRegistry);

    private string File1 => _host.Paths.VmRegistry;

    [Fact]
    public void No_file_is_an_empty_registry() => Assert.Empty(Registry.Read());

    [Fact]
    public async Task A_record_comes_back_as_it_was_written()
    {
        var handle = Handle("charly-web") with
        {
            OverlayPath = "/d", SeedIsoPath = "/s", QmpSocket = "/q", ConsoleSocket = "/c", VncAddr = "127.0.0.1:5900", Vcpus = 3, MemoryMb = 77,
            DiskGb = 5, Network = new VmHandleNetwork("Tap", "br7", null), MacAddr = "52:54:00:01:02:03", Pid = 12, SshHostPort = 2222, Uefi = true,
            PortForwards = ["127.0.0.1:80:80/tcp"], Instance = "a", Failure = "why",
        };
        await Registry.PutAsync(handle);
        var back = Registry.Find("charly-web")!;
        Assert.Equal(handle with { PortForwards = back.PortForwards }, back);
        Assert.Equal(handle.PortForwards, back.PortForwards);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(File1));
    }

    [Fact]
    public void An_old_file_loads_through_the_defaults()
    {
        Write("""{"lab": {"id": "qemu-1", "name": "lab", "backend": "qemu", "work_dir": "/w", "network": {"type": "user"}}}""");
        var handle = Registry.Read()["lab"];
        Assert.Equal((1, 1024, "User", false), (handle.Vcpus, handle.MemoryMb, handle.Network.Type, handle.Uefi));
    }

    [Fact]
    public async Task Keys_that_nobody_here_knows_survive()
    {
        Write("""{"lab": {"id": "qemu-1", "name": "lab", "backend": "qemu", "work_dir": "/w", "colour": "red", "tags": [1, {"a": null}]}}""");
        await Registry.UpdateAsync(all => all["lab"] = all["lab"] with { Pid = 7 });
        await Registry.PutAsync(Handle("charly-web"));
        var record = JsonNode.Parse(File.ReadAllText(File1))!["lab"]!;
        Assert.Equal("red", (string?)record["colour"]);
        Assert.Equal("""[1,{"a":null}]""", record["tags"]!.ToJsonString());
        Assert.Equal(7, (int?)record["pid"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"lab": 3}""")]
    [InlineData("""{"lab": {"name": "lab"}}""")]
    [InlineData("""{"lab": {"id": "q", "name": "lab", "backend": "qemu", "work_dir": "/w", "pid": "seven"}}""")]
    [InlineData("""{"a": {}, "a": {}}""")]
    public async Task A_file_that_cannot_be_read_is_an_error_and_stays(string text)
    {
        Write(text);
        Assert.Equal(Errors.RegistryCorrupt, Assert.Throws<CharlyException>(() => Registry.Read()).Code);
        Assert.Equal(Errors.RegistryCorrupt, (await Assert.ThrowsAsync<CharlyException>(() => Registry.PutAsync(Handle("x")))).Code);
        Assert.Equal(text, File.ReadAllText(File1));
    }

    [Theory]
    [InlineData("\"pid\": \"12\"", "\"pid\" is \"12\", and must be a whole number")]
    [InlineData("\"vcpus\": 1.5", "\"vcpus\" is 1.5, and must be a whole number")]
    [InlineData("\"memory_mb\": 99999999999", "\"memory_mb\" is 99999999999, and must be a whole number")]
    [InlineData("\"mac_addr\": 5", "\"mac_addr\" is 5, and must be text")]
    [InlineData("\"uefi\": \"yes\"", "\"uefi\" is \"yes\", and must be true or false")]
    [InlineData("\"port_forwards\": \"8080:80\"", "\"port_forwards\" is no list of text")]
    [InlineData("\"port_forwards\": [80]", "\"port_forwards\" is no list of text")]
    public void A_value_of_the_wrong_type_is_named(string entry, string words)
    {
        Write($$"""{"lab": {"id": "q", "name": "lab", "backend": "qemu", "work_dir": "/w", {{entry}} } }""");
        Assert.Contains($"record \"lab\": {words}", Assert.Throws<CharlyException>(() => Registry.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_at_once_all_count()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => new VmRegistry(File1).PutAsync(Handle($"charly-{i}")))));
        Assert.Equal(20, Registry.Read().Count);
    }

    [Fact]
    public async Task A_change_that_fails_writes_nothing()
    {
        await Registry.PutAsync(Handle("charly-web"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Registry.UpdateAsync<int>(all =>
        {
            all.Clear();
            throw new InvalidOperationException();
        }));
        Assert.Single(Registry.Read());
    }

    public void Dispose() => _host.Dispose();

    private static VmHandle Handle(string name) => new() { Id = "qemu-0", Name = name, Backend = "qemu", WorkDir = "/w" };

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File1)!);
        File.WriteAllText(File1, text);
    }
}
