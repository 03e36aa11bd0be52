using OpenCharly.Cli.Commands;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Cli;
using OpenCharly.Tests.Pods;

namespace OpenCharly.Tests.Deployments;

/// <summary>Verbs on every target and on dotted paths (deploy.md §11).</summary>
public sealed class VerbTests : IDisposable
{
    private readonly PodLab _lab = new();

    public VerbTests()
    {
        _lab.Programs.UnionWith(["ssh", "sh"]);
        _lab.Write("""
            deploy:
              shop: {box: shop, nested: {job: {target: local}}}
              here: {target: local, nested: {web: {box: web, nested: {tune: {target: local}}}}}
              far: {target: local, host: ann@far.example.org, ssh_arg: [-4], nested: {tool: {target: local}}}
              vm:web: {nested: {task: {target: local}}}
              front: {target: vm, vm: web}
              try: {target: vm, vm: web, ephemeral: true}
              wiki: {target: k8s, k8s: lab}
              phone: {target: android, android: pixel}
            """);
    }

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("shop")]
    [InlineData("here.web")]
    [InlineData("unknown")]
    public async Task A_pod_of_this_machine_is_for_the_pod_operations(string name) => Assert.IsType<VerbTarget.Pod>(await FindAsync(name, DeploymentVerb.Start));

    [Theory]
    [InlineData("vm:web")]
    [InlineData("front")]
    public async Task A_machine_is_for_the_machine_operations(string name)
    {
        foreach (var verb in Enum.GetValues<DeploymentVerb>().Except([DeploymentVerb.Service])) Assert.Equal(new VerbTarget.Machine("vm:web"), await FindAsync(name, verb));
    }

    [Theory]
    [InlineData("here", "date", "/usr/bin/sh -c date")]
    [InlineData("shop.job", "date", "/usr/bin/podman exec -i charly-shop sh -c date")]
    [InlineData("shop.job", null, "/usr/bin/podman exec -i -t charly-shop bash")]
    [InlineData("here.web.tune", "id", "/usr/bin/podman exec -i charly-here_web sh -c id")]
    public async Task A_command_runs_where_the_path_leads(string name, string? command, string expected) => Assert.Equal(expected, await SessionAsync(name, command));

    [Theory]
    [InlineData("far", "date", "-4", "ann@far.example.org", "date")]
    [InlineData("far.tool", "date", "-4", "ann@far.example.org", "date")]
    [InlineData("vm:web.task", "date", "-F", "charly-web", "date")]
    public async Task Behind_ssh_it_runs_there_and_without_a_terminal(string name, string command, string option, string address, string last)
    {
        var words = (await SessionAsync(name, command)).Split(' ');
        Assert.Equal(("/usr/bin/ssh", "-T"), (words[0], words[1]));
        Assert.Contains(option, words);
        Assert.Equal(["--", address, last], words[^3..]);
        Assert.DoesNotContain("BatchMode=yes", words);
    }

    [Theory]
    [InlineData("here", DeploymentVerb.Start)]
    [InlineData("here", DeploymentVerb.Logs)]
    [InlineData("shop.job", DeploymentVerb.Stop)]
    [InlineData("here", DeploymentVerb.Service)]
    [InlineData("vm:web", DeploymentVerb.Service)]
    [InlineData("wiki", DeploymentVerb.Logs)]
    [InlineData("wiki", DeploymentVerb.Shell)]
    [InlineData("wiki", DeploymentVerb.Start)]
    [InlineData("phone", DeploymentVerb.Restart)]
    [InlineData("phone", DeploymentVerb.Shell)]
    public async Task What_a_target_can_not_do_is_an_error_that_says_so(string name, DeploymentVerb verb)
    {
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => FindAsync(name, verb));
        Assert.Equal(Errors.DeployVerb, error.Code);
        Assert.Contains($"{verb.ToString().ToLowerInvariant()} is not supported for target", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Help);
        Assert.NotNull(error.Position);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_short_lived_machine_that_is_not_up_is_not_the_one_that_it_is_a_clone_of() =>
        Assert.Equal(Errors.VmNotCreated, (await Assert.ThrowsAsync<CharlyException>(() => FindAsync("try", DeploymentVerb.Stop))).Code);

    [Fact]
    public async Task The_command_passes_on_what_the_target_can_not_do()
    {
        using var run = new CommandRun { Processes = _lab };
        Directory.CreateDirectory(Path.GetDirectoryName(run.HostFile)!);
        File.Copy(_lab.HostFile, run.HostFile);
        foreach (var words in (string[][])[["start", "wiki"], ["stop", "here"], ["restart", "wiki"], ["logs", "wiki"], ["shell", "wiki"], ["cmd", "phone", "id"], ["service", "list", "vm:web"]])
        {
            Assert.Equal((int)ErrorKind.Usage, await run.RunAsync(words));
        }

        Assert.Contains("deploy.verb", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_typed_goes_on_with_the_leaf_s_name_and_without_this_machine_s_folders()
    {
        using var run = new CommandRun();
        var parsed = run.Host.Parse(["-C", "/srv/project", "logs", "vm:web.shop", "-n", "5", "--json"]);
        Assert.Equal(["logs", "shop", "-n", "5", "--json"], PodCommand.Words(parsed, "vm:web.shop", "shop"));
    }

    private Task<VerbTarget> FindAsync(string name, DeploymentVerb verb) => new FindVerbTarget(_lab.Context).RunAsync(new PodRequest { Name = name }, verb);

    private async Task<string> SessionAsync(string name, string? command)
    {
        var place = Assert.IsType<VerbTarget.Place>(await FindAsync(name, command is null ? DeploymentVerb.Shell : DeploymentVerb.Cmd));
        var session = place.Session(command, command is null);
        return $"{session.Program} {string.Join(' ', session.Arguments)}";
    }
}
