using OpenCharly.Foundation;
using OpenCharly.LiveTests.Building;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.UndoMeasure;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>
/// A crate, an npm package and an environment built on this machine for a real guest, which gets what was built and nothing
/// of what built it; a secret on its way; a file on its way back.
/// </summary>
[Collection("guest")]
public sealed class GuestBuildTests(GuestFixture guest, BuilderImage image) : IClassFixture<BuilderImage>
{
    private const string Name = "vm:" + GuestFixture.Vm;
    private const string Canary = "canary-7d793037a0760186";

    [GuestFact]
    public async Task What_was_built_here_runs_there_secrets_stay_secret_artifacts_come_back_and_undo_leaves_nothing()
    {
        if (image.Reason is { } reason)
        {
            Console.WriteLine("skipped: " + reason);
            return;
        }

        guest.WriteCandy("crate", """
              secret_accept: [{name: WX_TOKEN, description: Token}]
              artifact: [{name: hosts, path: /etc/wx-made, retrieve_to: "${WX_FETCHED}/made", mode: "0600", wait_second: 20, rewrite: [{find: guest, replace: "${deploy_name}"}]}]
              task:
                - write: /etc/wx-made
                  content: "from the guest\n"
                  mode: "0600"
                - cmd: |
                    seen=none
                    for file in /proc/[0-9]*/cmdline; do
                      mapfile -d '' words 2>/dev/null <"$file" || continue
                      if [[ "${words[*]}" == *"$WX_TOKEN"* ]]; then seen=$file; fi
                    done
                    echo "argv: $seen, token: $WX_TOKEN"

            """);
        var folder = Path.Combine(guest.Project, "candy/crate");
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        await File.WriteAllTextAsync(Path.Combine(folder, "Cargo.toml"), "[package]\nname = \"wx\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "src/main.rs"), "fn main() { println!(\"it works\"); }\n");
        Directory.CreateDirectory(Path.Combine(folder, "pk"));
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"dependencies": {"@wx/tool": "file:./pk"}}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "pk/package.json"), """{"name":"@wx/tool","version":"1.0.0","bin":{"wx-tool":"cli.sh"}}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "pk/cli.sh"), "#!/bin/sh\necho \"tool of $(id -un)\"\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "pixi.toml"), "[workspace]\nname = \"wx\"\n");
        var fetched = Directory.CreateTempSubdirectory("charly-fetched-").FullName;
        try
        {
            var before = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);
            var context = Context(fetched);
            var added = await new AddBundle(context).RunAsync(new BundleRequest
            {
                Name = Name, Ref = "crate", Options = new InstallOptions { AllowRootTasks = true, BuilderImage = BuilderImage.Reference },
            });
            Assert.True(added.Failure is null, added.Failure?.ToString());
            Assert.Equal("/home/tester/.cargo/bin/wx\nit works\n", await guest.InGuestAsync("bash -ic 'type -P wx; wx' 2>/dev/null"));
            Assert.Equal("tool of tester\n", await guest.InGuestAsync("bash -ic wx-tool 2>/dev/null"));

            // The environment was made elsewhere, and works where it is now.
            Assert.Equal("/home/tester/.pixi/envs/default\n", await guest.InGuestAsync("bash -ic wx-env 2>/dev/null"));
            Assert.Equal("", await guest.InGuestAsync("sudo find /home/tester -xdev ! -user tester -o -xdev ! -group tester"));
            Assert.Contains("argv: none, token: ***", added.Steps[^1].Output, StringComparison.Ordinal);
            Assert.Equal($"from the {Name}\n", await File.ReadAllTextAsync(Path.Combine(fetched, "made")));
            Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(Path.Combine(fetched, "made")));
            await guest.InGuestAsync($"! sudo grep -rqs '{Canary[..9]}''{Canary[9..]}' /home /etc /var/lib /root");

            Assert.Null((await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = Name })).Failure);
            var after = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);
            Assert.Equal([], before.DifferenceTo(after).Where(d => !d.Contains("/.config", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(fetched, recursive: true);
        }
    }

    private CharlyContext Context(string fetched)
    {
        var variables = new Dictionary<string, string>(guest.Environment.Variables)
        {
            ["PATH"] = image.Environment.Variable("PATH")!, ["WX_TOKEN"] = Canary, ["WX_FETCHED"] = fetched,
        };
        return new CharlyContext(guest.Environment with { Variables = variables });
    }
}
