using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Deployments;

/// <summary>What an entry may say of its own end, and which names are nobody's (deploy.md §2, §9).</summary>
public sealed class EphemeralEntryTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    [Fact]
    public async Task True_means_an_hour_and_implies_disposable()
    {
        var entry = await EntryAsync("deploy:\n  try: {target: local, ephemeral: true}\n", "try");
        Assert.Equal(new EphemeralSettings(TimeSpan.FromHours(1), false, "{{.Source}}-eph-{{.UUID6}}"), entry.Ephemeral);
        Assert.True(entry.Disposable);
        Assert.Null(entry.Life);
        Assert.Equal("try-eph-0a1b2c", entry.Ephemeral!.NameOf("try", "0a1b2c"));
    }

    [Fact]
    public async Task Each_field_can_be_said()
    {
        var entry = await EntryAsync("vm: {web: {source: {kind: cloud_image, path: /x.qcow2}}}\ndeploy:\n  vm:web: {ephemeral: {ttl: 1h30m, keep_on_failure: yes, naming_pattern: \"{{ .Source }}-ci-eph-{{.UUID6}}\"}}\n", "vm:web");
        Assert.Equal((TimeSpan.FromMinutes(90), true), (entry.Ephemeral!.Lifetime, entry.Ephemeral.KeepOnFailure));
        Assert.Equal("web-ci-eph-ffffff", entry.Ephemeral.NameOf("vm:web", "ffffff"));
    }

    [Fact]
    public async Task False_means_no_end() => Assert.Null((await EntryAsync("deploy:\n  try: {target: local, ephemeral: false}\n", "try")).Ephemeral);

    [Theory]
    [InlineData("ephemeral: {ttl: soon}", "deploy.ephemeral")]
    [InlineData("ephemeral: {ttl: 0}", "deploy.ephemeral")]
    [InlineData("ephemeral: {ttl: 800h}", "deploy.ephemeral")]
    [InlineData("ephemeral: {naming_pattern: \"{{.Source}}-{{.UUID6}}\"}", "deploy.ephemeral")]
    [InlineData("ephemeral: {naming_pattern: \"{{.Source}}-eph-1\"}", "deploy.ephemeral")]
    [InlineData("ephemeral: {naming_pattern: \"../-eph-{{.UUID6}}\"}", "deploy.ephemeral")]
    [InlineData("ephemeral: {naming_pattern: \"{{.Other}}-eph-{{.UUID6}}\"}", "deploy.ephemeral")]
    [InlineData("ephemeral: [1]", "yaml.type")]
    [InlineData("ephemeral: maybe", "yaml.type")]
    public async Task A_life_that_can_not_be_is_an_error_with_its_place(string field, string code)
    {
        Write("charly.yml", Version + $"deploy:\n  a: {{target: local, {field}}}\n");
        var error = await LoadFailsAsync();
        Assert.Equal(code, error.Code.Id);
        Assert.Equal(("charly.yml", 3), (error.Position!.File, error.Position.Line));
        Assert.NotEmpty(error.Help);
    }

    [Theory]
    [InlineData("eval:\n  a-eph-1: {target: local}\n", 3)]
    [InlineData("deploy:\n  a: {target: local, nested: {b-eph-1: {target: local}}}\n", 3)]
    [InlineData("deploy:\n  a: {target: local, peer: {b-eph-1: {target: local}}}\n", 3)]
    public async Task No_name_that_somebody_writes_holds_the_infix(string text, int line)
    {
        Write("charly.yml", Version + text);
        var error = await LoadFailsAsync();
        Assert.Equal((Errors.CfgName, line), (error.Code, error.Position!.Line));
    }

    [Fact]
    public async Task In_the_per_host_file_only_a_machine_s_state_bears_it()
    {
        WriteHost("deploy:\n  vm:web/try-eph-0a1b2c: {target: vm, vm_state: {ssh_port: 2222}}\n");
        var project = await LoadAsync();
        Assert.Equal("try-eph-0a1b2c", project.Deployments["vm:web/try-eph-0a1b2c"].VmInstance);
        WriteHost("deploy:\n  try-eph-0a1b2c: {target: local}\n");
        Assert.Equal(Errors.CfgName, (await LoadFailsAsync()).Code);
    }

    [Fact]
    public async Task A_nested_deployment_ends_with_what_it_is_inside_of_which_is_said()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local, nested: {b: {target: local, ephemeral: true}}}\n");
        var warning = Assert.Single((await LoadAsync()).Warnings);
        Assert.Equal((Errors.Ephemeral, 3), (warning.Code, warning.Position!.Line));
    }

    [Fact]
    public async Task A_record_says_which_machine_an_entry_means()
    {
        Write("charly.yml", Version + "vm: {web: {source: {kind: cloud_image, path: /x.qcow2}}}\ndeploy:\n  try: {target: vm, vm: web, ephemeral: true}\n");
        WriteHost("deploy:\n  try:\n    target: vm\n    vm: web\n    vm_state:\n      ephemeral: {id: 0a1b2c, instance_name: try-eph-0a1b2c, ttl_deadline: \"2026-06-12T09:40:11Z\", status: ready, child_refcount: 2}\n");
        var entry = (await LoadAsync()).Deployments["try"];
        Assert.Equal(("web", "try-eph-0a1b2c"), (entry.Vm, entry.VmInstance));
        Assert.Equal(new DateTimeOffset(2026, 6, 12, 9, 40, 11, TimeSpan.Zero), entry.Life!.Deadline);
        Assert.Equal(("0a1b2c", "ready", 2), (entry.Life.Id, entry.Life.Status, entry.Life.ChildRefcount));
    }

    private async Task<Deployment> EntryAsync(string text, string key)
    {
        Write("charly.yml", Version + text);
        return (await LoadAsync()).Deployments[key];
    }
}
