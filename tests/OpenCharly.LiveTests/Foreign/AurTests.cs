using OpenCharly.LiveTests.Building;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Foreign;

/// <summary>A package of Arch's users, built in a container on this machine by an account without rights, installed by the real pacman.</summary>
public sealed class AurTests(ForeignRoot root, BuilderImage image) : IClassFixture<ForeignRoot>, IClassFixture<BuilderImage>
{
    [LiveFact("root", "mmdebstrap", "podman", "makepkg", "bsdtar")]
    public async Task What_a_container_built_is_installed_in_place_of_what_it_replaces_and_both_are_undone()
    {
        if ((root.Reason ?? image.Reason) is { } reason)
        {
            Console.WriteLine("skipped: " + reason);
            return;
        }

        root.Become("arch", null);
        await root.BuildAsync($"mkdir old; cat >old/PKGBUILD <<'PKG'\n{PkgBuild("wx-old")}PKG\nchmod a+x . ; chown -R nobody old\n"
            + "(cd old && setpriv --reuid=nobody --regid=\"$(id -g nobody)\" --clear-groups env HOME=\"$PWD\" makepkg --force --nodeps)\ncp old/*.pkg.tar* \"$out/\"\n");
        var prepared = await root.InsideAsync("mkdir -p /var/cache/pacman/pkg && cp /repo/wx-old-* /var/cache/pacman/pkg && pacman -U --noconfirm /repo/wx-old-*");
        Assert.True(prepared.Succeeded, prepared.Tail());
        root.WriteCandy("built", "  distro: {arch: {aur: {package: [wx-new], replace: [wx-old, wx-never]}}}\n", ("aur/wx-new/PKGBUILD", PkgBuild("wx-new")));
        var before = await root.PhotographAsync();

        var request = ForeignRoot.Request("built");
        request = request with { Options = new InstallOptions { Yes = true, BuilderImage = BuilderImage.Reference } };
        var added = await new AddBundle(Context()).RunAsync(request);
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.Equal("wx-new\nwx-new 1.0\n", (await root.InsideAsync("pacman -Qq; wx-new")).StandardOutput);
        Assert.All((await new AddBundle(Context()).RunAsync(request)).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));

        var removed = await new RemoveBundle(Context()).RunAsync(new RemoveBundleRequest { Name = "host" });
        Assert.True(removed.Failure is null, removed.Failure?.ToString());
        Assert.Equal("wx-old 1.0-1\n", (await root.InsideAsync("pacman -Q")).StandardOutput);
        Assert.Equal(before, await root.PhotographAsync());
    }

    // Its own bash first, then the podman that works here.
    private CharlyContext Context()
    {
        var environment = root.Context.Environment;
        var own = environment.Variable("PATH")!.Split(':')[0];
        return new CharlyContext(environment with { Variables = new Dictionary<string, string>(environment.Variables) { ["PATH"] = $"{own}:{image.Environment.Variable("PATH")}" } });
    }

    private static string PkgBuild(string name) =>
        $"pkgname={name}\npkgver=1.0\npkgrel=1\narch=(any)\npackage() {{\n  install -d \"$pkgdir/usr/bin\"\n  printf '#!/bin/sh\\necho {name} 1.0\\n' >\"$pkgdir/usr/bin/{name}\"\n  chmod 755 \"$pkgdir/usr/bin/{name}\"\n}}\n";
}
