using System.Net;
using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Propolis;

namespace OpenCharly.Tests.Vms.Propolis;

/// <summary>The sequence of vm.md §3.5, against a local server and zone and ZFS programs that write down what they are told.</summary>
public sealed class PropolisTests : IDisposable
{
    private static readonly VmName Lab = VmName.VmFile("lab");

    private readonly Host _host;
    private readonly StubServer _server = new();
    private readonly PropolisHypervisor _propolis;

    public PropolisTests()
    {
        var bin = Directory.CreateTempSubdirectory("charly-zones-").FullName;
        _host = new Host(
            ("PATH", bin + ":/usr/bin:/bin"), ("CHARLY_PROPOLIS_ADDRESS", _server.Address), ("CHARLY_PROPOLIS_POOL", "tank"), ("CHARLY_PROPOLIS_ROOT", Path.Combine(bin, "lib")), ("STUBS", bin));
        Bin = bin;

        // Each writes its line; a file FAIL-<program>-<word> makes that step fail with its text.
        foreach (var program in new[] { "zfs", "zonecfg", "zoneadm", "zlogin" })
        {
            var path = Path.Combine(bin, program);
            File.WriteAllText(path, """
                #!/bin/sh
                echo "${0##*/} $*" >>"$STUBS/calls"
                for word in "$@"; do
                  if [ -e "$STUBS/FAIL-${0##*/}-$word" ]; then cat "$STUBS/FAIL-${0##*/}-$word" >&2; exit 1; fi
                done
                case "${0##*/} $*" in
                  "zoneadm "*" list -p") [ -e "$STUBS/state" ] || { echo "No such zone configured" >&2; exit 1; }
                    printf '3:lab:%s:/zones/lab:uuid:nebula-vm:excl\n' "$(cat "$STUBS/state")" ;;
                  "zoneadm "*" boot") echo running >"$STUBS/state" ;;
                  "zoneadm "*" halt"|"zoneadm "*" install") echo installed >"$STUBS/state" ;;
                  "zonecfg "*" delete -F") rm -f "$STUBS/state" ;;
                  "zlogin "*) printf '127.0.0.1/8\nfe80::1/10\n192.0.2.7/24\n' ;;
                esac
                """.ReplaceLineEndings("\n") + "\n");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        _propolis = new PropolisHypervisor(_host.Environment, _host.Paths, _host.Context.Processes, _host, TimeSpan.FromSeconds(1));
    }

    private string Bin { get; }

    private string[] Calls => [.. File.Exists(Path.Combine(Bin, "calls")) ? File.ReadAllLines(Path.Combine(Bin, "calls")).Where(l => !l.EndsWith(" list -p", StringComparison.Ordinal)) : []];

    public void Dispose()
    {
        _server.Dispose();
        _host.Dispose();
        Directory.Delete(Bin, recursive: true);
    }

    [Fact]
    public async Task A_machine_is_a_cloned_dataset_and_an_installed_zone()
    {
        var handle = await PrepareAsync();
        Assert.Equal(
            [
                "zfs clone tank/images/lab@latest tank/vms/lab",
                $"zonecfg -z lab create -b; set brand=nebula-vm; set zonepath={Bin}/lib/vms/lab/zone; set ip-type=exclusive; add net; set physical=vnic7; end; commit",
                "zoneadm -z lab install",
            ],
            Calls);
        Assert.StartsWith("propolis-", handle.Id, StringComparison.Ordinal);
        Assert.Equal(("Vnic", "vnic7"), (handle.Network.Type, handle.Network.Name));
        Assert.Equal((null, null), (handle.VncAddr, handle.SshHostPort));
        Assert.Equal(VmStatus.Prepared, (await _propolis.StateAsync(handle)).Status);
    }

    [Fact]
    public async Task A_machine_without_a_named_vnic_gets_one_by_its_own_name()
    {
        var handle = await PrepareAsync(new VmNetwork());
        Assert.Equal("vnic_lab", handle.Network.Name);
        Assert.Contains("set physical=vnic_lab;", Calls[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_boots_the_zone_waits_for_the_server_describes_the_machine_and_runs_it()
    {
        var handle = await PrepareAsync();
        _server.FirstAnswers = [HttpStatusCode.ServiceUnavailable, HttpStatusCode.NotFound];
        await _propolis.StartAsync(handle);
        Assert.Equal("zoneadm -z lab boot", Calls[^1]);
        Assert.Equal(["GET /instance", "GET /instance", "PUT /instance", "PUT /instance/state"], _server.Requests.Select(r => r.Line));
        Assert.Equal("\"Run\"", _server.Requests[^1].Body);
        using var body = JsonDocument.Parse(_server.Requests[2].Body);
        var root = body.RootElement;
        Assert.Equal(["properties", "nics", "disks", "boot_settings"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("lab", root.GetProperty("properties").GetProperty("name").GetString());
        Assert.Equal(handle.Id["propolis-".Length..], root.GetProperty("properties").GetProperty("id").GetString());
        Assert.Equal("vnic7", root.GetProperty("nics")[0].GetProperty("name").GetString());
        Assert.Equal("disk0", root.GetProperty("boot_settings").GetProperty("order")[0].GetProperty("name").GetString());
        Assert.Equal(VmStatus.Running, (await _propolis.StateAsync(handle)).Status);
        Assert.Equal("192.0.2.7", await _propolis.AddressAsync(handle));
        Assert.Equal(new ConsoleEndpoint(ConsoleKind.WebSocket, $"ws://{_server.Address}/instance/serial"), _propolis.Console(handle));
        Assert.Equal(Errors.VmAlreadyRunning, (await Assert.ThrowsAsync<CharlyException>(() => _propolis.StartAsync(handle))).Code);
    }

    [Fact]
    public async Task Stop_tells_the_server_and_halts_the_zone_and_destroy_removes_all()
    {
        var handle = await PrepareAsync();
        await _propolis.StartAsync(handle);
        await _propolis.StopAsync(handle, TimeSpan.FromSeconds(1), force: false);
        Assert.Equal("\"Stop\"", _server.Requests[^1].Body);
        Assert.Equal("zoneadm -z lab halt", Calls[^1]);
        Assert.Equal(Errors.VmNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => _propolis.StopAsync(handle, TimeSpan.Zero, force: false))).Code);
        await _propolis.DestroyAsync(handle);
        Assert.Equal(["zoneadm -z lab uninstall -F", "zonecfg -z lab delete -F", "zfs destroy -r tank/vms/lab"], Calls[^3..]);
        Assert.Equal(VmStatus.Destroyed, (await _propolis.StateAsync(handle)).Status);
        Assert.False(Directory.Exists(handle.WorkDir));
    }

    [Fact]
    public async Task A_silent_server_is_named_and_the_zone_does_not_stay_up()
    {
        var handle = await PrepareAsync();
        _server.Dispose();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _propolis.StartAsync(handle));
        Assert.Equal(Errors.PropolisUnreachable, error.Code);
        Assert.Contains(_server.Address, error.Message, StringComparison.Ordinal);
        Assert.Contains("last seen", error.Message, StringComparison.Ordinal);
        Assert.Equal("zoneadm -z lab halt", Calls[^1]);
        Assert.NotEqual(VmStatus.Running, (await _propolis.StateAsync(handle)).Status);
    }

    [Fact]
    public async Task A_server_that_refuses_is_quoted()
    {
        var handle = await PrepareAsync();
        _server.Refusal = "no bootrom";
        var error = await Assert.ThrowsAsync<CharlyException>(() => _propolis.StartAsync(handle));
        Assert.Equal(Errors.PropolisFailed, error.Code);
        Assert.Contains("no bootrom", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_exists_already_is_tolerated()
    {
        Fail("zfs", "clone", "cannot create 'tank/vms/lab': dataset already exists");
        await PrepareAsync();
        Assert.Equal("zoneadm -z lab install", Calls[^1]);
    }

    [Fact]
    public async Task A_tool_that_fails_is_an_error_and_what_was_made_is_removed()
    {
        Fail("zoneadm", "install", "zoneadm: lab: brand not supported");
        Fail("zoneadm", "uninstall", "zoneadm: lab: must be installed");
        var error = await Assert.ThrowsAsync<CharlyException>(() => PrepareAsync());
        Assert.Equal(Errors.PropolisFailed, error.Code);
        Assert.Contains("brand not supported", error.Message, StringComparison.Ordinal);
        Assert.Equal(["zonecfg -z lab delete -F", "zfs destroy -r tank/vms/lab"], Calls[^2..]);
        Assert.False(Directory.Exists(Path.Combine(Bin, "lib", "vms", "lab")));
    }

    [Fact]
    public async Task What_was_there_before_outlives_a_creation_that_fails()
    {
        Fail("zfs", "clone", "cannot create 'tank/vms/lab': dataset already exists");
        Fail("zoneadm", "install", "zoneadm: lab: brand not supported");
        Directory.CreateDirectory(Path.Combine(Bin, "lib", "vms", "lab"));
        await Assert.ThrowsAsync<CharlyException>(() => PrepareAsync());
        Assert.Equal(["zoneadm -z lab uninstall -F", "zonecfg -z lab delete -F"], Calls[^2..]);
        Assert.True(Directory.Exists(Path.Combine(Bin, "lib", "vms", "lab")));
    }

    [Fact]
    public async Task A_creation_that_fails_is_told_also_where_its_remains_can_not_be_removed()
    {
        Fail("zoneadm", "install", "zoneadm: lab: brand not supported");
        Fail("zonecfg", "delete", "zonecfg: permission denied");
        var error = await Assert.ThrowsAsync<CharlyException>(() => PrepareAsync());
        Assert.Contains("brand not supported", error.Message, StringComparison.Ordinal);
        Assert.Equal("zfs destroy -r tank/vms/lab", Calls[^1]);
        Assert.Contains(_host.Notices, n => n.Contains("permission denied", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Suspending_is_a_wrong_state()
    {
        var handle = await PrepareAsync();
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => _propolis.SuspendAsync(handle))).Code);
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => _propolis.ResumeAsync(handle))).Code);
    }

    [Fact]
    public async Task Checks_come_before_anything_is_made()
    {
        await _propolis.CheckAsync(Spec(), Lab);
        Assert.Equal(["zfs list -H -o name tank/images/lab@latest"], Calls);
        Fail("zfs", "list", "cannot open 'tank/images/lab@latest': dataset does not exist");
        Assert.Equal(Errors.VmNotBuilt, (await Assert.ThrowsAsync<CharlyException>(() => _propolis.CheckAsync(Spec(), Lab))).Code);
        var hostile = Spec(new VmNetwork { Mode = "vnic", Bridge = "v; delete -F" });
        Assert.Equal(Errors.VmValidation, (await Assert.ThrowsAsync<CharlyException>(() => _propolis.CheckAsync(hostile, Lab))).Code);
        File.Delete(Path.Combine(Bin, "zonecfg"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => _propolis.CheckAsync(Spec(), Lab));
        Assert.Equal(Errors.BackendMissing, error.Code);
        Assert.Contains("zonecfg", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Calls, c => c.Contains("clone", StringComparison.Ordinal));
    }

    private static VmSpec Spec(VmNetwork? network = null) => Host.Spec("lab") with { Network = network ?? new VmNetwork { Mode = "vnic", Bridge = "vnic7" } };

    private Task<VmHandle> PrepareAsync(VmNetwork? network = null) => _propolis.PrepareAsync(new VmPreparation
    {
        Name = Lab, Spec = Spec(network), Disk = "", Seed = "/seeds/lab.iso", Cpus = 2, MemoryMb = 1024, Mac = "52:54:00:00:00:01",
    });

    private void Fail(string program, string word, string text) => File.WriteAllText(Path.Combine(Bin, $"FAIL-{program}-{word}"), text);

    /// <summary>A server on loopback that takes everything and remembers it.</summary>
    private sealed class StubServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private int _answered;

        public StubServer()
        {
            var port = PortAllocator.Allocate(null, new HashSet<int>());
            Address = $"127.0.0.1:{port}";
            _listener.Prefixes.Add($"http://{Address}/");
            _listener.Start();
            _ = ServeAsync();
        }

        public string Address { get; }

        public HttpStatusCode[] FirstAnswers { get; set; } = [];

        public string? Refusal { get; set; }

        public List<(string Line, string Body)> Requests { get; } = [];

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream);
                    Requests.Add(($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}", await reader.ReadToEndAsync()));
                    var isRead = context.Request.HttpMethod == "GET";
                    var status = isRead && _answered < FirstAnswers.Length ? FirstAnswers[_answered++] : !isRead && Refusal is not null ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
                    context.Response.StatusCode = (int)status;
                    if (!isRead && Refusal is { } words) await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(words));
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
