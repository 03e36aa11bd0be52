using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

public sealed class NamespaceTests : IDisposable
{
    private readonly BundleLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_template_of_a_namespace_is_found_and_names_candies_of_its_own_project()
    {
        _lab.Write("../common/charly.yml", "version: 2026.163.0928\nlocal:\n  ws: {candy: [tool], env: {A: b}}\n");
        _lab.Write("../common/candy/tool/charly.yml", "candy: {name: tool, version: 2026.001.0000, env: {TOOL: theirs}}\n");
        _lab.Write("charly.yml", "version: 2026.163.0928\nimport: [{common: ../common}]\ndeploy:\n  host: {target: local, local: common.ws, add_candy: [own]}\n");
        _lab.WriteCandy("tool", "  env: {TOOL: ours}\n");
        _lab.WriteCandy("own", "  env: {OWN: x}\n");
        var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "host" });
        Assert.Equal("theirs", plan.Steps.OfType<ShellHookStep>().Single(s => s.Candy == "tool").Variables["TOOL"]);
        Assert.Equal(["own", "tool", "host"], plan.Candies.Select(c => c.Name));
    }

    [Fact]
    public async Task What_a_namespace_does_not_have_is_answered_with_what_it_has()
    {
        _lab.Write("../common/charly.yml", "version: 2026.163.0928\nlocal:\n  ws: {candy: []}\n");
        _lab.Write("charly.yml", "version: 2026.163.0928\nimport: [{common: ../common}]\ndeploy:\n  host: {target: local, local: common.wss}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "host" }));
        Assert.Equal((Errors.CfgReference, "Did you mean \"ws\"?"), (error.Code, error.Help));
    }

    [Fact]
    public async Task The_distributions_of_a_project_decide_which_sections_its_plans_use()
    {
        var id = OsRelease.Parse(await File.ReadAllTextAsync("/etc/os-release")).Id;
        _lab.Write("charly.yml", $"version: 2026.163.0928\ndistro:\n  {id}: {{inherits: archetype, inherit_packages: true}}\n  archetype: {{format: deb}}\n");
        _lab.WriteCandy("tool", "  distro: {archetype: {package: [from-parent]}}\n");
        var plan = await new CompilePlan(_lab.Context).RunAsync(BundleLab.Request("tool"));
        Assert.Equal(["from-parent"], Assert.IsType<SystemPackagesStep>(Assert.Single(plan.Steps)).Packages);
        Assert.Contains("archetype", plan.Tags);
    }

    [Fact]
    public async Task Checks_know_a_target_by_the_distributions_of_the_project_as_packages_do()
    {
        var id = OsRelease.Parse(await File.ReadAllTextAsync("/etc/os-release")).Id;
        _lab.Write("charly.yml", $"version: 2026.163.0928\ndistro:\n  {id}: {{inherits: archetype, inherit_packages: true}}\n  archetype: {{format: deb}}\ndeploy:\n  host: {{target: local, add_candy: [tool]}}\n");
        _lab.WriteCandy("tool", "  env: {A: b}\n  eval:\n    - {id: mapped, package: no-such-thing, package_map: {archetype: bash}}\n    - {id: left-out, command: \"false\", exclude_distro: [archetype]}\n");
        var result = await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("tool") with { Options = new InstallOptions { Yes = true, Verify = true } });
        Assert.Equal([("mapped", CheckStatus.Pass), ("left-out", CheckStatus.Skip)], result.Checks.Select(c => (c.Id, c.Status)));
        var again = await new CheckBundle(_lab.Context).RunAsync(new CheckRequest { Name = "host" });
        Assert.Equal([("mapped", CheckStatus.Pass), ("left-out", CheckStatus.Skip)], again.Results.Select(c => (c.Id, c.Status)));
    }

    [Fact]
    public async Task A_machine_of_a_namespace_is_found_wherever_one_of_the_project_is()
    {
        _lab.Write("../common/charly.yml", "version: 2026.163.0928\nvm:\n  web: {source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}, disk_size: 4G}\n");
        _lab.Write("charly.yml", "version: 2026.163.0928\nimport: [{common: ../common}]\ndeploy:\n  site: {target: vm, vm: common.web, add_candy: [tool]}\n  vm:common.web: {add_candy: [tool]}\n");
        _lab.WriteCandy("tool", "  distro: {debian-13: {package: [x]}}\n");
        foreach (var name in new[] { "site", "vm:common.web" })
        {
            var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = name });
            Assert.Equal(("debian:13", "vm:common.web"), (plan.Distro, plan.Target));
        }

        var context = _lab.Context;
        var project = await new ProjectLoader(context.Environment, context.Paths, context.Processes).LoadAsync(context.ProjectFolder);
        var spec = project.FindVm("common.web")!;
        Assert.Equal(("common.web", context.ProjectFolder), (spec.Name, spec.OutputFolder));
        Assert.Equal("vm:common.web/blue", VmName.Parse("common.web/blue").Key);
    }

    [Theory]
    [InlineData("common.wbe", "CFG009", "Did you mean \"web\"?")]
    [InlineData("comon.web", "REF008", "Did you mean \"common\"?")]
    public async Task A_machine_that_no_namespace_has_is_told_where_it_is_named(string machine, string code, string help)
    {
        _lab.Write("../common/charly.yml", "version: 2026.163.0928\nvm:\n  web: {source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}, disk_size: 4G}\n");
        _lab.Write("charly.yml", $"version: 2026.163.0928\nimport: [{{common: ../common}}]\ndeploy:\n  site: {{target: vm, vm: {machine}}}\n");
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "site" }));
        Assert.Equal((code, help, "charly.yml:4:26"), (error.Code.Id, error.Help, error.Position!.ToString()));
    }

    [Theory]
    [InlineData("target: k8s, k8s: common.dve, box: x/web:1", "CFG009", "Did you mean \"dev\"?", 28)]
    [InlineData("target: k8s, k8s: comon.dev, box: x/web:1", "CFG009", "Declare it below k8s:, or correct the name.", 28)]
    [InlineData("target: android, android: common.fone", "CFG009", "Did you mean \"phone\"?", 36)]
    [InlineData("target: android, android: comon.phone", "REF008", "Did you mean \"common\"?", 36)]
    [InlineData("target: pod, box: x/web:1, pod: common.plian", "CFG009", "Did you mean \"plain\"?", 42)]
    [InlineData("target: pod, box: x/web:1, pod: comon.plain", "REF008", "Did you mean \"common\"?", 42)]
    public async Task What_no_namespace_has_is_a_fault_of_the_project_for_every_target(string entry, string code, string help, int column)
    {
        WriteCommon();
        _lab.Write("charly.yml", $"version: 2026.163.0928\nimport: [{{common: ../common}}]\ndeploy:\n  site: {{{entry}}}\n");
        var problem = Assert.Single((await new ValidateProject(_lab.Context).RunAsync()).Problems, p => !p.IsWarning);
        Assert.Equal((code, $"charly.yml:4:{column}", true), (problem.Code.Id, problem.Position!.ToString(), problem.Help.Contains(help, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_namespace_has_of_clusters_devices_and_pods_is_no_fault_and_a_device_of_it_is_deployed_to()
    {
        WriteCommon();
        _lab.Write("../common/clusters/prod.yaml", "kind: cluster-profile\nname: prod\n");
        _lab.Write(
            "charly.yml",
            "version: 2026.163.0928\nimport: [{common: ../common}]\ndeploy:\n  a: {target: k8s, k8s: common.dev, box: x/web:1}\n  b: {target: k8s, k8s: common.prod, box: x/web:1}\n"
            + "  c: {target: android, android: common.phone, add_candy: [tool]}\n  d: {box: x/web:1, pod: common.plain}\n");
        _lab.WriteCandy("tool", "  apk: [{package: org.example.app}]\n");
        Assert.DoesNotContain((await new ValidateProject(_lab.Context).RunAsync()).Problems, p => !p.IsWarning && p.Position?.File == "charly.yml");
        var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "c" });
        Assert.Equal(("android:common.phone", "device.example.org"), (plan.Target, plan.Host));
    }

    private void WriteCommon() => _lab.Write(
        "../common/charly.yml",
        "version: 2026.163.0928\nk8s:\n  dev: {kubeconfig_context: dev}\nandroid:\n  phone: {adb: {host: device.example.org}}\npod:\n  plain: {env_default: {MODE: shared}}\n");
}
