using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Execution;

public sealed class ExecutorFactoryTests : IDisposable
{
    private readonly LocalMachine _machine = new();

    private ExecutorFactory Factory => new(_machine.Environment, _machine.Processes);

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("local")]
    public void No_host_and_local_are_this_machine(string? host) =>
        Assert.Equal(("local", VenueKind.Host), (Factory.Create(host).Venue, Factory.Create(host).Kind));

    [Theory]
    [InlineData("localhost", null, "ssh://localhost")]
    [InlineData("charly-web", null, "ssh://charly-web")]
    [InlineData("ada@web.example.org:2222", null, "ssh://ada@web.example.org:2222")]
    [InlineData("web.example.org", "ada", "ssh://ada@web.example.org")]
    [InlineData("ada@web.example.org", "ada", "ssh://ada@web.example.org")]
    [InlineData("ada@corp.example@gate:22", null, "ssh://ada@corp.example@gate:22")]
    [InlineData("2001:db8::1", null, "ssh://[2001:db8::1]")]
    [InlineData("[2001:db8::1]", null, "ssh://[2001:db8::1]")]
    [InlineData("ada@[2001:db8::1]:22", null, "ssh://ada@[2001:db8::1]:22")]
    public void Anything_else_is_ssh(string host, string? user, string venue)
    {
        var executor = Factory.Create(host, user);
        Assert.Equal((venue, VenueKind.Ssh), (executor.Venue, executor.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a;b")]
    [InlineData("$(x)")]
    [InlineData("-l@host")]
    [InlineData("@host")]
    [InlineData("user@")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:ssh")]
    [InlineData("[::1]x")]
    public void A_host_that_cannot_be_one_is_refused(string host) =>
        Assert.Equal(Errors.CfgHost, Assert.Throws<CharlyException>(() => Factory.Create(host)).Code);

    [Fact]
    public void Users_and_arguments_that_contradict_the_host_are_refused()
    {
        Assert.Equal(Errors.CfgHost, Assert.Throws<CharlyException>(() => Factory.Create("local", "ada")).Code);
        Assert.Equal(Errors.CfgHost, Assert.Throws<CharlyException>(() => Factory.Create(null, null, ["-v"])).Code);
        Assert.Equal(Errors.CfgHost, Assert.Throws<CharlyException>(() => Factory.Create("ada@host", "eve")).Code);
        Assert.Equal(Errors.CfgHost, Assert.Throws<CharlyException>(() => Factory.Create("host", "-x")).Code);
        Assert.Equal(Errors.CfgHost, Assert.Throws<CharlyException>(() => Factory.Create("host", null, ["-o", ""])).Code);
    }

    [Fact]
    public void The_command_line_shares_a_connection_and_leaves_keys_to_the_user()
    {
        var line = ((SshExecutor)Factory.Create("ada@web.example.org:2222", null, ["-J", "gate.example.org"])).CommandLine;
        var words = line.Run("true");
        Assert.Equal(["-p", "2222", "-J", "gate.example.org", "--", "ada@web.example.org", "true"], words.TakeLast(7));
        Assert.Contains("ControlMaster=auto", words);
        Assert.Contains("ControlPersist=10m", words);
        Assert.Contains("LogLevel=ERROR", words);
        Assert.Contains("ConnectTimeout=10", words);
        Assert.DoesNotContain(words, w => w == "-i" || w.Contains("HostKey", StringComparison.OrdinalIgnoreCase) || w.Contains("Known", StringComparison.Ordinal));
    }

    [Fact]
    public void Different_connections_have_different_sockets()
    {
        SshDestination[] all =
        [
            new("a"),
            new("b"),
            new("a") { User = "u" },
            new("a") { Port = 22 },
            new("a") { Arguments = ["-4"] },
            new("a") { ConfigFile = "/dev/null" },
        ];
        Assert.Equal(all.Length, all.Select(d => Factory.Ssh(d).CommandLine.ControlSocket).Distinct().Count());
        Assert.Equal(Factory.Ssh(new("a")).CommandLine.ControlSocket, Factory.Ssh(new("a")).CommandLine.ControlSocket);
    }

    [Fact]
    public void A_runtime_folder_too_deep_for_sockets_only_costs_the_sharing()
    {
        var deep = _machine.Environment with
        {
            Variables = new Dictionary<string, string>(_machine.Environment.Variables) { ["XDG_RUNTIME_DIR"] = _machine.At(new string('x', 90)) },
        };
        var line = new ExecutorFactory(deep, _machine.Processes).Ssh(new("a")).CommandLine;
        Assert.Null(line.ControlSocket);
        Assert.Contains("ControlPath=none", line.Options);
    }
}
