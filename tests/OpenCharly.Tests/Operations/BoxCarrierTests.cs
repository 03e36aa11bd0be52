using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Tests.Vms.Transfer;
using OpenCharly.Vms.Transfer;

namespace OpenCharly.Tests.Operations;

/// <summary>How an image gets into a guest that is played: what is asked of its podman, and what comes of the answers.</summary>
public sealed class BoxCarrierTests : IDisposable
{
    private const string Tag = "localhost/shop:1";
    private const string Unreadable = "unreadable";
    private const string Torn = "Error: readlink /var/lib/containers/storage/overlay/l/ABC: no such file or directory";

    private readonly Host _host = new();
    private readonly ImageExport _export = ExportFolder.Make([1, 2, 3], [4, 5]);
    private readonly List<CharlyEvent> _events = [];

    public void Dispose()
    {
        _export.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task An_image_that_is_there_and_whole_is_left_alone()
    {
        var guest = new PlayedGuest(Inspected(_export.Id));
        var result = await Carrier(guest, new PlayedPrograms(_ => throw new InvalidOperationException("nothing is to be run")), has: _export.Id).CarryAsync(default);
        Assert.Equal((BoxTransferWay.None, 0, 2, 0L, 0), (result.Way, result.LayersSent, result.LayersPresent, result.BytesSent, result.Attempts));
        Assert.Contains("podman run --rm --pull=never --network=none --log-driver=none --entrypoint /usr/bin/true -- localhost/shop:1", Assert.Single(guest.Scripts), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_does_not_name_the_storage_is_no_damage()
    {
        var guest = new PlayedGuest(Inspected(_export.Id, 127, "crun: executable file `/usr/bin/true` not found"));
        Assert.Equal(BoxTransferWay.None, (await Carrier(guest, Forwarding(), has: _export.Id).CarryAsync(default)).Way);
    }

    [Fact]
    public async Task A_damaged_image_is_removed_and_sent_whole()
    {
        var guest = new PlayedGuest(Inspected(_export.Id, 125, Torn), Done(), Inspected(_export.Id));
        var programs = Forwarding();
        var result = await Carrier(guest, programs, has: _export.Id).CarryAsync(default);
        Assert.Equal((BoxTransferWay.Whole, 2, 1), (result.Way, result.LayersSent, result.Attempts));
        Assert.Contains("podman rmi --force -- localhost/shop:1", guest.Scripts[1], StringComparison.Ordinal);
        var pipe = Assert.Single(programs.Requests).Arguments[1];
        Assert.Matches("^podman save --quiet -- localhost/shop:1 \\| ssh .*'?sudo -n podman load --quiet'?\n", pipe);
        Assert.Contains("PIPESTATUS", pipe, StringComparison.Ordinal);
        Assert.Contains(_events.OfType<NoticeEvent>(), n => n.Level == NoticeLevel.Warning && n.Text.Contains("is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_podman_can_not_even_look_at_is_damaged_too()
    {
        var guest = new PlayedGuest(Inspected(null, 125, "Error: faccessat /var/lib/containers/storage/overlay/d7a1: no such file or directory"), Done(), Inspected(_export.Id));
        var carrier = Carrier(guest, Forwarding(), has: Unreadable);
        Assert.Equal((BoxTransferWay.Whole, 2), (carrier.Preview().Way, carrier.Preview().LayersSent));
        Assert.Equal((BoxTransferWay.Whole, 1), ((await carrier.CarryAsync(default)) is var r ? (r.Way, r.Attempts) : default));
    }

    [Fact]
    public async Task Layers_are_pulled_through_a_forwarded_port_under_the_name_itself()
    {
        var guest = new PlayedGuest(Done(), Inspected(_export.Id));
        var programs = Forwarding();
        var result = await Carrier(guest, programs).CarryAsync(default);
        Assert.Equal((BoxTransferWay.Layers, 1), (result.Way, result.Attempts));
        Assert.Equal(["forward", "cancel"], programs.Requests.Select(r => r.Arguments[r.Arguments.ToList().IndexOf("-O") + 1]));
        Assert.Matches("""prefix = "localhost/shop"' 'location = "127.0.0.1:4711/[0-9a-f]{32}"' 'insecure = true'""", guest.Scripts[0]);
        Assert.Contains("podman pull --quiet --tls-verify=false -- localhost/shop:1", guest.Scripts[0], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_host.Paths.Runtime));
    }

    [Fact]
    public async Task A_copy_that_is_cut_is_sent_once_more_in_one_stream()
    {
        var guest = new PlayedGuest(Done(1, "Error: unexpected EOF"), Inspected(_export.Id));
        var result = await Carrier(guest, Forwarding()).CarryAsync(default);
        Assert.Equal((BoxTransferWay.Whole, 2), (result.Way, result.Attempts));
        Assert.Contains(_events.OfType<NoticeEvent>(), n => n.Text.Contains("sent once more: Error: unexpected EOF", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_guest_that_forwards_no_ports_gets_all_of_it()
    {
        var guest = new PlayedGuest(Inspected(_export.Id));
        var programs = new PlayedPrograms(r => r.Program == "ssh" ? Done(255, "mux_client_forward: forwarding request failed: Port forwarding failed") : Done());
        var result = await Carrier(guest, programs).CarryAsync(default);
        Assert.Equal((BoxTransferWay.Whole, 2, 5L, 1), (result.Way, result.LayersSent, result.BytesSent, result.Attempts));
        Assert.Contains(_events.OfType<NoticeEvent>(), n => n.Level == NoticeLevel.Info && n.Text.Contains("AllowTcpForwarding", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_does_not_arrive_twice_is_an_error(bool isTorn)
    {
        var bad = isTorn ? Inspected(_export.Id, 125, Torn) : Inspected("0123456789abcdef");
        var guest = isTorn ? new PlayedGuest(Done(), bad, Done(), bad, Done()) : new PlayedGuest(Done(), bad, bad);
        var error = await Assert.ThrowsAsync<CharlyException>(() => Carrier(guest, Forwarding()).CarryAsync(default));
        Assert.Equal(Errors.VmImageTransfer, error.Code);
        Assert.Contains(isTorn ? "storage/overlay" : "another image", error.Message, StringComparison.Ordinal);
        Assert.Contains("df -h", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_ends_of_the_pipe_must_end_well()
    {
        var guest = new PlayedGuest(Inspected(null), Inspected(null));
        var programs = new PlayedPrograms(r => r.Program == "ssh" ? Done(255, "no") : Done(1, "podman save ended with 0, podman load with 125"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => Carrier(guest, programs).CarryAsync(default));
        Assert.Contains("podman load with 125", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preview_counts_what_the_guest_lacks()
    {
        var guest = new PlayedGuest();
        var preview = Carrier(guest, Forwarding(), has: "old", layers: [_export.Layers[0].DiffId]).Preview();
        Assert.Equal((BoxTransferWay.Layers, 1, 1, 2L), (preview.Way, preview.LayersSent, preview.LayersPresent, preview.BytesSent));
        Assert.Equal(BoxTransferWay.None, Carrier(guest, Forwarding(), has: _export.Id).Preview().Way);
        Assert.Empty(guest.Scripts);
    }

    [Fact]
    public async Task A_guest_without_podman_is_told_how_to_get_it()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => new GuestPodman(new PlayedGuest(Done(127)), "web", rootless: true).LookAsync(Tag, default));
        Assert.Equal(Errors.VmImageTransfer, error.Code);
        Assert.Contains("apt-get install -y podman uidmap", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_guest_has_is_read_from_one_script()
    {
        var guest = new PlayedGuest(new CommandResult("named\nid aa\nsha256:1\nsha256:2\n\nsha256:1\n", "", 0, default));
        var storage = await new GuestPodman(guest, "web", rootless: false).LookAsync(Tag, default);
        Assert.Equal("aa", storage.Id);
        Assert.Equal(["sha256:1", "sha256:2"], storage.Layers.Order(StringComparer.Ordinal));
        Assert.True(Assert.Single(guest.Requests).AsRoot);
    }

    private BoxCarrier Carrier(PlayedGuest guest, PlayedPrograms programs, string? has = null, IReadOnlyList<string>? layers = null)
    {
        var context = new CharlyContext(_host.Environment, new Listener(_events), programs);
        var transfer = new BoxTransfer { Vm = "web", Image = Tag, Tag = Tag, ImageId = _export.Id, ImageBytes = 5 };
        var executor = new SshExecutor(new SshDestination("charly-web"), context.Environment, context.Paths, programs);
        return new BoxCarrier(context, executor, new GuestPodman(guest, "web", rootless: false), _export, transfer, new GuestStorage(has is not null, has == Unreadable ? null : has, (layers ?? []).ToHashSet()));
    }

    private static PlayedPrograms Forwarding() => new(r => r.Program == "ssh" && r.Arguments.Contains("forward") ? new CommandResult("4711\n", "", 0, default) : Done());

    private static CommandResult Done(int code = 0, string error = "") => new("", error, code, default);

    private static CommandResult Inspected(string? id, int code = 0, string error = "") => new(id is null ? "" : id + "\n", error, code, default);

    private sealed class Listener(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => events.Add(value);
    }

    /// <summary>A shell whose answers are known beforehand.</summary>
    private sealed class PlayedGuest(params CommandResult[] answers) : IShellSession
    {
        private readonly Queue<CommandResult> _answers = new(answers);

        public List<ScriptRequest> Requests { get; } = [];

        public IReadOnlyList<string> Scripts => [.. Requests.Select(r => r.Script)];

        public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default)
        {
            Requests.Add(request);
            return Task.FromResult(_answers.Dequeue());
        }

        public Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default) => RunAsync(request, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
