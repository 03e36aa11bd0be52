using OpenCharly.Cli.Commands;

namespace OpenCharly.Tests.Cli;

public sealed class TemplateCommandTests
{
    [Fact]
    public void Create_takes_what_a_template_is_described_by()
    {
        var (command, parsed) = CommandRun.Parse<TemplateCreateCommand>(
            "template create base --flake x:y --profile min --role gateway --cpus 4 --mem 2G --data-disk 10G --builder debootstrap --suite bookworm --mirror http://m --components main,contrib --package a,b --package c --kernel-package k");
        var request = command.Request(parsed);
        Assert.Equal(("base", "x:y", "min", "gateway", 4, "2G", "10G"), (request.Name, request.FlakeRef, request.Profile, request.Role, request.Vcpus, request.Memory, request.DataDisk));
        Assert.Equal(("debootstrap", "bookworm", "http://m", "k"), (request.Builder, request.Suite, request.Mirror, request.KernelPackage));
        Assert.Equal(["main", "contrib"], request.Components);
        Assert.Equal(["a", "b", "c"], request.Packages);
        Assert.Empty(request.Roles);
    }

    [Fact]
    public void Command_lines_and_variables_keep_their_commas()
    {
        using var run = new CommandRun();
        var parsed = run.Host.Parse(["template", "create", "base", "--run", "make a,b", "--run", "cp x y", "--env", "A=1,2"]);
        Assert.Empty(parsed.Errors);
        var request = ((TemplateCreateCommand)parsed.CommandResult.Command).Request(parsed);
        Assert.Equal(["make a,b", "cp x y"], request.Run);
        Assert.Equal(["A=1,2"], request.Env);
    }

    [Fact]
    public void Create_multi_takes_roles_and_needs_them()
    {
        var (command, parsed) = CommandRun.Parse<TemplateCreateCommand>("template create-multi base --roles gateway,worker");
        Assert.Equal(["gateway", "worker"], command.Request(parsed).Roles);
        using var run = new CommandRun();
        Assert.NotEmpty(run.Host.Parse(["template", "create-multi", "base"]).Errors);
    }

    [Fact]
    public void Vm_create_takes_a_template()
    {
        var (command, parsed) = CommandRun.Parse<VmCreateCommand>("vm create --name lab --template base@r1 --start");
        Assert.True(command.IsOfImage(parsed));
        Assert.Equal(("lab", "base@r1", true), (command.ImageRequest(parsed).Name, command.ImageRequest(parsed).Template, command.ImageRequest(parsed).Start));
    }

    [Fact]
    public async Task Made_built_listed_shown_pushed_verified_pulled_and_deleted_from_the_command_line()
    {
        using var run = new CommandRun();
        run.Variables["CHARLY_TEMPLATE_REGISTRY_ENDPOINT"] = "file://" + Path.Combine(run.Home, "registry");
        Assert.Equal(0, await run.RunAsync("template", "list"));
        Assert.Equal("", run.Output);
        Assert.Equal(0, await run.RunAsync("template", "create", "base", "--run", "echo k > $OUT/vmlinux; echo r > $OUT/rootfs.ext4; echo r1 > $OUT/revision"));
        Assert.Equal(0, await run.RunAsync("template", "build", "base"));
        Assert.Equal(0, await run.RunAsync("template", "list"));
        Assert.Matches(@"NAME\s+ROLE\s+PROFILE\s+VCPUS\s+MEM\s+BUILDER\s+REVISIONS\s+CURRENT\nbase\s+worker\s+default\s+2\s+1024\s+command\s+1\s+r1\n", run.Output);
        Assert.Equal(0, await run.RunAsync("template", "info", "base"));
        Assert.Matches(@"Current:\s+r1\nRevision:\s+r1  20", run.Output);
        Assert.Equal(0, await run.RunAsync("template", "push", "base"));
        Assert.Contains("base r1 pushed\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("template", "verify", "base"));
        Assert.Contains("base r1: 5 files are as their checksums say\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("template", "delete", "base"));
        Assert.Equal(3, await run.RunAsync("template", "delete", "base"));
        Assert.Contains("template.not_found", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("template", "delete", "base", "--force"));
        Assert.Equal(0, await run.RunAsync("template", "pull", "base"));
        File.WriteAllText(Path.Combine(run.Home, ".local/share/charly/templates/base/artifacts/current/vmlinux"), "x");
        Assert.Equal(1, await run.RunAsync("template", "verify", "base"));
        Assert.Contains("template.checksum_mismatch", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_tells_and_leaves_everything_as_it_is()
    {
        using var run = new CommandRun();
        run.Variables["CHARLY_TEMPLATE_REGISTRY_ENDPOINT"] = "file://" + Path.Combine(run.Home, "registry");
        var folder = Path.Combine(run.Home, ".local/share/charly/templates/base");
        string[] create = ["template", "create", "base", "--run", "echo k > $OUT/vmlinux; echo r > $OUT/rootfs.ext4; echo r1 > $OUT/revision"];
        await WouldAsync($"would write {folder}/template.json\n", [.. create]);
        await WouldAsync($"would make {folder}/artifacts/revisions\n", "template", "init", "base");
        Assert.False(Directory.Exists(folder));
        Assert.Equal(0, await run.RunAsync(create));
        await WouldAsync($"would write {folder}/template.json, over the old one\n", [.. create]);
        Assert.Equal(0, await run.RunAsync("template", "build", "base", "--dry-run"));
        Assert.Contains("would build the next revision of base from ", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(folder + "/artifacts/revisions") ? Directory.GetDirectories(folder + "/artifacts/revisions") : []);
        Assert.Equal(4, await run.RunAsync("template", "push", "base", "--dry-run"));
        Assert.Equal(0, await run.RunAsync("template", "build", "base"));
        await WouldAsync($"would send the revision r1 of base to file://{run.Home}/registry and make it current there\n", "template", "push", "base");
        Assert.False(Directory.Exists(Path.Combine(run.Home, "registry")));
        await WouldAsync($"would fetch the registry's current revision of base from file://{run.Home}/registry, verify it and make it current here\n", "template", "pull", "base");
        await WouldAsync($"would remove {folder} with its revisions: r1\n", "template", "delete", "base");
        Assert.True(File.Exists(Path.Combine(folder, "template.json")));
        Assert.Equal(0, await run.RunAsync("template", "delete", "other", "--force", "--dry-run"));

        async Task WouldAsync(string expected, params string[] words)
        {
            var before = run.Output.Length;
            Assert.Equal(0, await run.RunAsync([.. words, "--dry-run"]));
            Assert.Equal(expected, run.Output[before..]);
        }
    }

    [Fact]
    public async Task Templates_and_revisions_are_JSON_with_the_keys_of_their_files()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("template", "create-multi", "base", "--roles", "a,b", "--run", "echo k > $OUT/vmlinux; echo r > $OUT/rootfs.ext4; echo r1 > $OUT/revision"));
        Assert.Equal(0, await run.RunAsync("template", "build", "base-a"));
        using var json = new CommandRun { };
        foreach (var (name, value) in run.Variables) json.Variables[name] = value;
        json.Variables["CHARLY_TEMPLATES_DIR"] = Path.Combine(run.Home, ".local/share/charly/templates");
        Assert.Equal(0, await json.RunAsync("template", "show", "base-a", "--format", "json"));
        var template = System.Text.Json.JsonDocument.Parse(json.Output).RootElement;
        Assert.Equal(("base-a", "a", "r1", "command"), (template.GetProperty("template_id").GetString(), template.GetProperty("role").GetString(), template.GetProperty("current").GetString(), template.GetProperty("builder").GetString()));
        var revision = Assert.Single(template.GetProperty("revisions").EnumerateArray());
        Assert.Equal(("r1", true), (revision.GetProperty("revision_hash").GetString(), revision.GetProperty("current").GetBoolean()));
    }

    [Fact]
    public async Task Deleting_asks_where_somebody_can_answer()
    {
        using var run = new CommandRun { CanAsk = true, Input = "n\n" };
        await run.RunAsync("template", "init", "base");
        Assert.Equal(6, await run.RunAsync("template", "delete", "base"));
        Assert.Equal(0, await run.RunAsync("template", "delete", "base", "--yes"));
    }

    [Fact]
    public async Task Init_local_writes_sources_and_says_which()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("template", "init", "web", "--local", "--dir", "src"));
        Assert.Equal($"{run.Home}/src/web/build\n{run.Home}/src/web/template.toml\n", run.Output);
        Assert.Equal(2, await run.RunAsync("template", "init", "web", "--dir", "src"));
    }
}
