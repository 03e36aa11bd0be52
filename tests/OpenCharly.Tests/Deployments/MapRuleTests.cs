using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Deployments;

/// <summary>What a deploy map may not say (deploy.md §1.3, §5, §6, §8 to §10.2): code, place, and nothing loaded.</summary>
public sealed class MapRuleTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    [Theory]
    [InlineData("deploy:\n  a: {target: teapot}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {box: x, bind_mounts: [{encrypted: true}]}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {target: k8s, k8s: c, nested: {b: {target: local}}}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: local, from_snapshot: s}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: local, ssh_arg: [-v]}\n", "CFG010", 3)]
    [InlineData("deploy:\n  a-eph-1: {target: local}\n", "CFG008", 3)]
    [InlineData("deploy:\n  a: {target: local, peer: {b.c: {target: local}}}\n", "CFG008", 3)]
    [InlineData("deploy:\n  b: {target: local}\n  a: {target: local, peer: {b: {target: local}}}\n", "CFG008", 4)]
    [InlineData("eval:\n  b: {target: local}\ndeploy:\n  a: {target: local, peer: {b: {target: local}}}\n", "CFG008", 5)]
    [InlineData("deploy:\n  a: {target: local, peer: {p: {target: local}}}\n  b: {target: local, peer: {p: {target: local}}}\n", "CFG008", 4)]
    [InlineData("deploy:\n  a: {target: local, nested: {c: {target: local}}}\n  b: {target: local, nested: {c: {target: local}}}\n", "CFG008", 4)]
    [InlineData("eval:\n  a.b: {target: local}\n", "CFG008", 3)]
    [InlineData("deploy:\n  a: {target: local, inside: b}\n", "deploy.path", 3)]
    [InlineData("deploy:\n  a: {target: local, inside: b}\n  b: {target: local, inside: a}\n", "deploy.path", 3)]
    [InlineData("deploy:\n  a: {target: local, inside: a}\n", "deploy.path", 3)]
    [InlineData("deploy:\n  a: {box: x, inside: b}\n  b: {target: local}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: [\"\"]}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: {holds: [g], stop: kill}}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: {holds: [g], restore: never}}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: [g], requires_exclusive: [g]}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, requires_exclusive: [\"\"]}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: local, android: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {target: k8s, k8s: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {box: x, image: y}\n", "yaml.duplicate_key", 3)]
    [InlineData("deploy:\n  a: {target: local, add_candy: [], add_layers: []}\n", "yaml.duplicate_key", 3)]
    [InlineData("deploy:\n  a: {target: local}\neval:\n  a: {target: local}\n", "CFG008", 5)]
    [InlineData("deploy:\n  a: {target: vm, vm: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {box: x, pod: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {target: local, local: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {target: local, nested: {b.c: {target: local}}}\n", "CFG008", 3)]
    [InlineData("deploy:\n  a: {target: local, host: ann@h, user: bob}\n", "CFG010", 3)]
    [InlineData("deploy:\n  a: {target: local, host: \"h:99999\"}\n", "CFG010", 3)]
    [InlineData("deploy:\n  a: {target: local, user: ann}\n", "CFG010", 3)]
    [InlineData("deploy:\n  \"vm:a\": {target: local}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: []}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: {holds: []}}\n", "CFG016", 3)]
    [InlineData("resource:\n  g: {gpu: {}}\ndeploy:\n  a: {target: vm, vm: w, requires_exclusive: [g]}\nvm:\n  w: {source: {kind: cloud_image, path: /x.qcow2}}\n", "CFG016", 3)]
    [InlineData("resource:\n  g: {gpu: {vendor: \"0x10de\"}}\ndeploy:\n  a: {target: vm, vm: w, requires_exclusive: [g]}\nvm:\n  w: {backend: qemu, source: {kind: cloud_image, path: /x.qcow2}}\n", "CFG016", 5)]
    public async Task A_rule_that_is_broken_is_an_error_with_its_place(string text, string code, int line)
    {
        Write("charly.yml", Version + text);
        var error = await LoadFailsAsync();
        Assert.Equal(code, error.Code.Id);
        Assert.Equal(("charly.yml", line), (error.Position!.File, error.Position.Line));
        Assert.NotEmpty(error.Help);
    }

    [Fact]
    public async Task Nesting_without_end_is_an_error_and_no_crash()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local" + string.Concat(Enumerable.Range(0, 20).Select(i => $", nested: {{n{i}: {{target: local")) + string.Concat(Enumerable.Repeat("}}", 20)) + "}\n");
        var error = await LoadFailsAsync();
        Assert.Equal((Errors.CfgName, 3), (error.Code, error.Position!.Line));
    }

    [Fact]
    public async Task What_the_per_host_file_says_of_a_bed_is_that_bed_s_state()
    {
        Write("charly.yml", Version + "eval:\n  bed: {target: local, disposable: true}\n");
        WriteHost("deploy:\n  bed: {target: local, lifecycle: test}\n");
        var bed = (await LoadAsync()).Deployments["bed"];
        Assert.Equal((true, true, "test"), (bed.IsBed, bed.Disposable, bed.Lifecycle));
    }

    [Fact]
    public async Task A_path_of_the_per_host_file_is_looked_at_when_it_is_used()
    {
        WriteHost("deploy:\n  a: {target: local, inside: nowhere}\n");
        var project = await LoadAsync();
        var error = Assert.Throws<CharlyException>(() => DeployVenue.Of(project, project.Deployments["a"]));
        Assert.Equal(Errors.DeployPath, error.Code);
    }

    [Fact]
    public async Task A_deployment_runs_where_those_around_it_lead()
    {
        Write("charly.yml", Version + """
            vm: {web: {source: {kind: cloud_image, path: /x.qcow2}}}
            deploy:
              far: {target: local, host: far.example.org, nested: {deep: {target: local}}}
              here: {target: local, nested: {pod: {box: shop, nested: {job: {target: local}}}}}
              vm:web: {nested: {cache: {box: redis, nested: {tune: {target: local}}}, tools: {target: local}}}
              side: {target: local, inside: "vm:web"}
              lost: {target: local, inside: far.deep, host: other.example.org}
            """);
        var project = await LoadAsync();
        Assert.Equal("far", Assert.IsType<DeployVenue.Remote>(Venue("far.deep")).Owner.Key);
        Assert.IsType<DeployVenue.Own>(Venue("here.pod"));
        Assert.Equal(new DeployVenue.Container("charly-here_pod", null), Venue("here.pod.job"));
        Assert.Equal("vm:web", Assert.IsType<DeployVenue.Machine>(Venue("vm:web.tools")).Owner.Key);
        Assert.Equal("vm:web", Assert.IsType<DeployVenue.Machine>(Venue("side")).Owner.Key);
        var inner = Assert.IsType<DeployVenue.Container>(Venue("vm:web.cache.tune"));
        Assert.Equal(("charly-cache", "vm:web"), (inner.Name, inner.Guest!.Key));
        Assert.Equal(Errors.DeployPath, Assert.Throws<CharlyException>(() => Venue("lost")).Code);

        DeployVenue Venue(string path) => DeployVenue.Of(project, project.FindDeployment(path)!);
    }

    [Fact]
    public async Task A_peer_is_disposable_only_by_its_owner()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local, disposable: true, peer: {p: {target: local}}}\n  b: {target: local, peer: {q: {target: local}}}\n");
        var project = await LoadAsync();
        Assert.True(project.Deployments["p"].Disposable);
        Assert.False(project.Deployments["q"].Disposable);
    }
}
