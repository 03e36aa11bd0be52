using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Container;

/// <summary>Candies that strangers wrote, on a host with systemd. <c>tools/measure-undo</c> does this for the whole catalog, with a photograph each.</summary>
[Collection("container")]
public sealed class CatalogTests(DebianContainer host) : IAsyncLifetime
{
    private static readonly InstallOptions AllGates = new() { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true };

    private static readonly (string Candy, string Proof)[] Candies =
    [
        ("ripgrep", "rg --version"),
        ("tmux", "tmux -V"),
        ("socat", "test -x /usr/local/bin/relay-wrapper && socat -V"),
        ("direnv", "direnv --version && grep -q 'direnv hook bash' ~/.bashrc"),
        ("gnupg", "gpg --version"),
        ("asciinema", "test -x /usr/bin/asciinema"),
    ];

    [ContainerFact(needsCatalog: true)]
    public async Task They_work_and_go_away_without_a_trace()
    {
        var before = await host.PhotographAsync();
        foreach (var (candy, proof) in Candies)
        {
            var added = await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = DebianContainer.Name, Ref = candy, Options = AllGates });
            Assert.Null(added.Failure);
            await host.RunAsync(proof);
            await RemoveAsync();
        }

        Assert.Equal([], before.DifferenceTo(await host.PhotographAsync()));
    }

    /// <inheritdoc/>
    public Task InitializeAsync() => Need.Missing(DebianContainer.Needs) is null ? RemoveAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    private async Task RemoveAsync() =>
        Assert.Null((await new RemoveBundle(host.Context).RunAsync(new RemoveBundleRequest { Name = DebianContainer.Name })).Failure);
}
