using OpenCharly.Ledger;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Container;

/// <summary>Drift on a host with systemd: what an administrator did by hand is told from what bundles of ours did.</summary>
[Collection("container")]
public sealed class DriftTests(DebianContainer host) : IAsyncLifetime
{
    private const string Name = DebianContainer.Name;

    private static readonly InstallOptions AllGates = new() { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true };

    // The root-only file keeps its size, so that nothing but its content tells.
    private const string Meddle =
        """
        set -e
        sudo apt-get purge -q -y tree >/dev/null
        printf 'DAFT' | sudo tee /etc/steady.d/secret >/dev/null
        sudo chown tester:tester /etc/steady.d/plain
        sudo chmod 0640 /etc/steady.d/plain
        sudo ln -sfn /etc/hosts /etc/steady.d/link
        sudo rm /etc/steady.d/gone
        sudo systemctl disable --now --quiet charly-steady-keeper.service
        sed -i 's/alias steady=.*/alias steady=theirs/' ~/.bashrc
        printf 'alias mine=true\n' >>~/.bashrc
        sudo apt-get install -q -y --no-install-recommends bc >/dev/null
        """;

    [ContainerFact]
    public async Task What_an_administrator_changed_is_told_thing_by_thing_and_the_next_add_mends_it()
    {
        host.WriteCandy("steady",
            """
              distro:
                debian:
                  package: [tree]
              service:
                - {name: keeper, exec: /bin/sleep infinity, enable: true, scope: system}
              shell:
                bash: {init: alias steady=ours}
              task:
                - {mkdir: /etc/steady.d, mode: "0755", user: root}
                - {write: /etc/steady.d/secret, content: ours, mode: "0600", user: root}
                - {write: /etc/steady.d/plain, content: plain, mode: "0644", user: root}
                - {write: /etc/steady.d/gone, content: gone, user: root}
                - {link: /etc/steady.d/link, target: /etc/hostname, user: root}
                - {write: /etc/steady.d/shared, content: first, user: root}
            """);
        host.WriteCandy("louder", "  task:\n    - {write: /etc/steady.d/shared, content: second, user: root}\n");
        Assert.Null((await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = Name, Ref = "steady", Options = AllGates })).Failure);
        Assert.Empty(await DriftAsync());

        // Another bundle of ours writes over a file of the first, and somebody changes a lot by hand.
        Assert.Null((await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = DebianContainer.SecondHolder, Ref = "louder", Options = AllGates })).Failure);
        Assert.Empty(await DriftAsync());
        await host.RunAsync(Meddle);

        var drift = await DriftAsync();
        Assert.All(drift, d => Assert.Equal((Name, "steady"), (d.Bundle, d.Candy)));
        Assert.Equal(
            [
                (DriftKind.LinkChanged, "/etc/steady.d/link", "-> /etc/hostname", "-> /etc/hosts"),
                (DriftKind.Missing, "/etc/steady.d/gone", "sha256", null),
                (DriftKind.Modified, "/etc/steady.d/secret", "sha256", "sha256"),
                (DriftKind.ModeChanged, "/etc/steady.d/plain", "0644", "0640"),
                (DriftKind.OwnerChanged, "/etc/steady.d/plain", "root:root", "tester:tester"),
                (DriftKind.BlockChanged, "/home/tester/.bashrc", "sha256", "sha256"),
                (DriftKind.UnitState, "charly-steady-keeper.service", "enabled, active", "disabled, inactive"),
            ],
            drift.Where(d => d.Kind != DriftKind.PackageRemoved).OrderBy(d => Array.IndexOf(Order, d.Kind)).Select(d => (d.Kind, d.Path, Short(d.Before), Short(d.After))));
        Assert.Equal("tree", Assert.Single(drift, d => d.Kind == DriftKind.PackageRemoved).Path);

        var again = await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = Name, Ref = "steady", Options = AllGates });
        Assert.Null(again.Failure);
        Assert.Contains(again.Steps, s => s.Status == StepStatus.Unchanged);
        Assert.Empty(await DriftAsync());
        Assert.Contains("alias mine=true", await host.RunAsync("cat ~/.bashrc"), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public Task InitializeAsync() => Need.Missing(DebianContainer.Needs) is null ? RemoveAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Need.Missing(DebianContainer.Needs) is not null) return;
        await RemoveAsync();
        await host.RunAsync("sed -i '/^alias mine=true$/d' ~/.bashrc; sudo apt-get purge -q -y bc >/dev/null");
    }

    private static readonly DriftKind[] Order =
    [
        DriftKind.LinkChanged, DriftKind.Missing, DriftKind.Modified, DriftKind.ModeChanged, DriftKind.OwnerChanged, DriftKind.BlockChanged, DriftKind.UnitState,
    ];

    private static string? Short(string? value) => value?.StartsWith("sha256:", StringComparison.Ordinal) == true ? "sha256" : value;

    private async Task<IReadOnlyList<DriftItem>> DriftAsync()
    {
        var compared = await new GetDrift(host.Context).RunAsync(new DriftQuery { Names = [Name] });
        var only = Assert.Single(compared);
        Assert.Null(only.Failure);
        return only.Items;
    }

    private async Task RemoveAsync()
    {
        foreach (var name in (string[])[DebianContainer.SecondHolder, Name])
        {
            Assert.Null((await new RemoveBundle(host.Context).RunAsync(new RemoveBundleRequest { Name = name })).Failure);
        }
    }
}
