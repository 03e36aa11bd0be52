using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Deployments;

/// <summary>A tree of deployments on a host behind a real sshd: what is nested in it, or inside of it, goes through it.</summary>
public sealed class FamilyOnHostTests(LoopbackSshd sshd) : IClassFixture<LoopbackSshd>
{
    [LiveFact("ssh", "sshd", "ssh-keygen")]
    public async Task Children_of_a_host_are_applied_checked_and_undone_there()
    {
        var project = sshd.At("project");
        foreach (var name in (string[])["root", "child", "beside"])
        {
            Directory.CreateDirectory(Path.Combine(project, "candy", name));
            await File.WriteAllTextAsync(
                Path.Combine(project, "candy", name, "charly.yml"),
                $"candy:\n  name: {name}\n  version: 2026.180.1200\n  task:\n    - {{write: \"${{HOME}}/marks/{name}\", content: \"{name}\\n\", user: \"${{USER}}\"}}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(project, "charly.yml"), $$"""
            version: 2026.163.0928
            discover: [candy]
            deploy:
              far:
                target: local
                host: {{LoopbackSshd.Alias}}
                ssh_arg: ["-F", "{{sshd.ConfigFile}}"]
                add_candy: [root]
                nested:
                  inner: {target: local, add_candy: [child]}
              side: {target: local, inside: far.inner, add_candy: [beside], eval: [{id: there, file: "${HOME}/marks/child", exists: true, scope: deploy}]}

            """);
        var context = new CharlyContext(sshd.Environment, projectFolder: project);
        var yes = new InstallOptions { Yes = true };
        var added = await new AddBundle(context).RunAsync(new BundleRequest { Name = "far", Options = yes });
        Assert.Null(added.Failure);
        Assert.Equal(["far.inner"], added.Members.Select(m => m.Name));
        var beside = await new AddBundle(context).RunAsync(new BundleRequest { Name = "side", Options = yes with { Verify = true } });
        Assert.Null(beside.Failure);
        Assert.Equal("there", Assert.Single(beside.Checks).Id);
        Assert.Equal(["beside", "child", "root"], Marks());
        Assert.False((await new AddBundle(context).RunAsync(new BundleRequest { Name = "far", Options = yes })).Changed);

        Assert.Null((await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = "side" })).Failure);
        Assert.Null((await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = "far" })).Failure);
        Assert.Empty(Marks());
    }

    private IEnumerable<string?> Marks() => !Directory.Exists(Path.Combine(sshd.LoginHome, "marks")) ? [] : Directory.EnumerateFiles(Path.Combine(sshd.LoginHome, "marks")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
