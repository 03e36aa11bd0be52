using System.IO.Compression;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Android;

/// <summary>A Google account, for packages that only it can fetch; its values are never shown.</summary>
/// <param name="Email">Address.</param>
/// <param name="Token">Token.</param>
public sealed record GoogleAccount(string Email, string Token)
{
    /// <summary>Says nothing of it.</summary>
    public override string ToString() => "a Google account";
}

/// <summary>The files of one package, ready to be installed.</summary>
/// <param name="Apks">One, or those that it was split into.</param>
/// <param name="Expansions">Further data by its path on the device.</param>
public sealed record ApkSet(IReadOnlyList<string> Apks, IReadOnlyDictionary<string, string> Expansions);

/// <summary>Gets the files of packages: committed ones from the candy's folder, others through apkeep (deploy.md §7.7).</summary>
/// <param name="processes">Runs programs.</param>
/// <param name="account">The device's Google account; null if it has none.</param>
public sealed class ApkFiles(IProcessRunner processes, GoogleAccount? account)
{
    private const string Downloader = "apkeep";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>Where a committed file is: looked for from the candy's folder upwards, as far as its project reaches.</summary>
    /// <param name="file">Relative path.</param>
    /// <param name="candyFolder">Folder of the candy.</param>
    /// <param name="projectFolder">Folder where the search ends.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ApkMissing"/>.</exception>
    public static string Find(string file, string candyFolder, string projectFolder)
    {
        for (var folder = Path.GetFullPath(candyFolder); ; folder = Path.GetDirectoryName(folder)!)
        {
            var path = Path.Combine(folder, file);
            if (File.Exists(path)) return path;
            if (folder == Path.GetFullPath(projectFolder).TrimEnd('/') || Path.GetDirectoryName(folder) is null) break;
        }

        throw new CharlyException(Errors.ApkMissing, $"there is no {file} in {candyFolder} nor above it", $"Commit it to the candy, or to the project in {projectFolder}. Nothing was changed.", target: file);
    }

    /// <summary>Brings the files of a package into a folder.</summary>
    /// <param name="package">The package.</param>
    /// <param name="file">The committed file; null for one that is fetched.</param>
    /// <param name="folder">An empty folder that the caller deletes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ApkDownload"/>, <see cref="Errors.ToolMissing"/>, <see cref="Errors.ApkInstall"/> for a file that is none.</exception>
    public async Task<ApkSet> GetAsync(ApkPackage package, string? file, string folder, CancellationToken cancellationToken)
    {
        if (file is null) await DownloadAsync(package, folder, cancellationToken).ConfigureAwait(false);
        string[] found = file is not null ? [file] : [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPackage).Order(StringComparer.Ordinal)];
        var expansions = new Dictionary<string, string>(StringComparer.Ordinal);
        var apks = new List<string>();
        foreach (var path in found)
        {
            if (path.EndsWith(".xapk", StringComparison.OrdinalIgnoreCase)) Unpack(path, Path.Combine(folder, "xapk"), apks, expansions);
            else apks.Add(path);
        }

        if (apks.Count == 0) throw new CharlyException(Errors.ApkDownload, $"{Name(package)} was fetched, but there is no .apk in it", "Name another source, or commit the file and use apk:.", target: Name(package));
        return new ApkSet(apks, expansions);
    }

    /// <summary>What a package is called.</summary>
    public static string Name(ApkPackage package) => package.Package ?? package.Apk!;

    private static bool IsPackage(string path) => path.EndsWith(".apk", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".xapk", StringComparison.OrdinalIgnoreCase);

    private async Task DownloadAsync(ApkPackage package, string folder, CancellationToken cancellationToken)
    {
        var source = package.Source ?? "apk-pure";
        List<string> arguments = ["-a", package.Version is null ? package.Package! : $"{package.Package}@{package.Version}", "-d", source];
        if (source == "apk-pure") arguments.AddRange(["-o", $"arch={package.Arch ?? "x86_64"}"]);
        if (source == "google-play") arguments.AddRange(["-o", "split_apk=true", "--ini", WriteAccount(folder)]);
        var target = Path.Combine(folder, "apk");
        Directory.CreateDirectory(target);
        try
        {
            var result = await processes.RunAsync(new ProcessRequest(Downloader, [.. arguments, target]) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded || !Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Any())
            {
                throw new CharlyException(Errors.ApkDownload, $"{package.Package} could not be fetched from {source}: {Masked(result.Tail(1))}", "Look whether the source has it for that architecture and version. What was installed before it is on record.", target: package.Package);
            }
        }
        finally
        {
            File.Delete(AccountFile(folder));
        }
    }

    private static string AccountFile(string folder) => Path.Combine(folder, "account.ini");

    // In a file that nobody else may read, for everybody sees a program's arguments.
    private string WriteAccount(string folder)
    {
        if (account is null) throw new CharlyException(Errors.ApkDownload, "google-play gives packages to an account only, and the device has none", "Name its secrets in google_account of the device. Nothing was changed.");
        AtomicFile.Write(AccountFile(folder), $"[google]\nemail = {account.Email}\naas_token = {account.Token}\n", AtomicFile.Private);
        return AccountFile(folder);
    }

    private string Masked(string text) => account is null ? text
        : text.Replace(account.Token, "***", StringComparison.Ordinal).Replace(account.Email, "***", StringComparison.Ordinal);

    // Only names are taken from the archive, never paths, so that nothing is written elsewhere.
    private static void Unpack(string archive, string folder, List<string> apks, Dictionary<string, string> expansions)
    {
        Directory.CreateDirectory(folder);
        try
        {
            using var zip = ZipFile.OpenRead(archive);
            foreach (var entry in zip.Entries.OrderBy(e => e.FullName, StringComparer.Ordinal))
            {
                var isApk = entry.Name.EndsWith(".apk", StringComparison.OrdinalIgnoreCase);
                var isExpansion = entry.Name.EndsWith(".obb", StringComparison.OrdinalIgnoreCase);
                if ((!isApk && !isExpansion) || !IsName(entry.Name)) continue;
                var path = Path.Combine(folder, entry.Name);
                entry.ExtractToFile(path, overwrite: true);
                if (isApk) apks.Add(path);
                else if (entry.FullName.Split('/') is [.., "obb", var owner, _] && IsName(owner)) expansions[$"/sdcard/Android/obb/{owner}/{entry.Name}"] = path;
            }
        }
        catch (InvalidDataException e)
        {
            throw new CharlyException(Errors.ApkInstall, $"{Path.GetFileName(archive)} is no archive: {e.Message}", "Fetch it again.", target: Path.GetFileName(archive), inner: e);
        }
    }

    private static bool IsName(string name) => name.Length > 0 && name[0] is not ('.' or '-') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
