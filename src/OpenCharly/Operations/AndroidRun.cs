using System.Security.Cryptography;
using System.Text;
using OpenCharly.Android;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>One run on a device: what it does is on record as soon as it is done.</summary>
internal sealed class AndroidRun(CharlyContext context, Adb adb, ApkFiles files, AndroidRecord record)
{
    private readonly List<string> _installed = [];
    private AndroidRecord _record = record;

    /// <summary>Whether anything on the device changed.</summary>
    public bool Changed { get; private set; }

    /// <summary>What was installed.</summary>
    public IReadOnlyList<string> Installed => _installed;

    /// <summary>Installs one package, unless it is on record and on the device.</summary>
    /// <returns>Whether it was installed.</returns>
    public async Task<bool> InstallAsync(string candy, ApkPackage package, string? file, bool force, CancellationToken cancellationToken)
    {
        var name = ApkFiles.Name(package);
        var digest = file is not null ? Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false)))
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{package.Package}\0{package.Source}\0{package.Arch}\0{package.Version}")));
        var earlier = _record.Installed.FirstOrDefault(i => i.Candy == candy && i.Item == name);
        var before = await adb.PackagesAsync(cancellationToken).ConfigureAwait(false);
        if (!force && earlier?.Digest == digest && earlier.Packages.All(before.Contains) && (package.Package is null || before.Contains(package.Package))) return false;

        var folder = Directory.CreateTempSubdirectory("charly-apk-").FullName;
        try
        {
            var set = await files.GetAsync(package, file, folder, cancellationToken).ConfigureAwait(false);
            await adb.InstallAsync(name, set.Apks, cancellationToken).ConfigureAwait(false);
            Changed = true;
            _installed.Add(name);
            var after = await adb.PackagesAsync(cancellationToken).ConfigureAwait(false);

            // Only what was not there before is ours to remove; what an earlier add brought stays ours.
            string[] ours = [.. after.Except(before, StringComparer.Ordinal).Concat(earlier?.Packages ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            Keep([.. _record.Installed.Where(i => i != earlier), new AndroidInstalled(candy, name, digest, ours)]);
            foreach (var (target, path) in set.Expansions) await adb.PushAsync(path, target, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Uninstalls what items on record brought, as far as the device lets it go.</summary>
    /// <returns>Ids of the packages that are gone.</returns>
    public async Task<IReadOnlyList<string>> RemoveAsync(Func<AndroidInstalled, bool> isMeant, CancellationToken cancellationToken)
    {
        var meant = _record.Installed.Where(isMeant).Reverse().ToArray();
        if (meant.Length == 0) return [];
        var there = await adb.PackagesAsync(cancellationToken).ConfigureAwait(false);
        var gone = new List<string>();
        foreach (var item in meant)
        {
            foreach (var package in item.Packages.Where(there.Contains))
            {
                if (await adb.UninstallAsync(package, cancellationToken).ConfigureAwait(false) is { } refusal) Tell($"{package} could not be uninstalled: {refusal}");
                else gone.Add(package);
            }

            if (item.Packages.Count == 0) Tell($"{item.Item} was on the device before, so it stays");
            Keep([.. _record.Installed.Where(i => i != item)]);
        }

        return gone;
    }

    private void Keep(IReadOnlyList<AndroidInstalled> installed)
    {
        _record = _record with { Installed = installed, DeployedAt = context.Environment.Clock.GetUtcNow() };
        _record.Write(context.Paths);
    }

    private void Tell(string text) => context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, text));
}
