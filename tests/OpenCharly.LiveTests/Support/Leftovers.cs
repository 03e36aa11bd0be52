using System.Diagnostics;
using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Support;

/// <summary>
/// What fixtures set up outside of their own process, by the id of that process, so that the next run can clear away
/// what a killed one left: servers, folders, accounts.
/// </summary>
public static class Leftovers
{
    private const string FolderPrefix = "cs-";
    private const string SudoersPrefix = "charly-lab-";
    private const string SudoersFolder = "/etc/sudoers.d";

    /// <summary>A new temporary folder that carries this process's id.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory(FolderName(Environment.ProcessId)).FullName;

    /// <summary>How the names of a process's folders begin.</summary>
    public static string FolderName(int owner) => $"{FolderPrefix}{owner}-";

    /// <summary>A new word for accounts, which carries this process's id.</summary>
    public static string NewSuffix() => $"{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";

    /// <summary>The sudoers file for accounts with that suffix.</summary>
    public static string Sudoers(string suffix) => Path.Combine(SudoersFolder, SudoersPrefix + suffix);

    /// <summary>Removes accounts with their homes, and what lets them use sudo.</summary>
    public static async Task RemoveAccountsAsync(string suffix, IEnumerable<string> kinds)
    {
        var programs = new ProcessRunner(CharlyEnvironment.FromProcess());
        File.Delete(Sudoers(suffix));
        foreach (var kind in kinds)
        {
            await programs.RunAsync(new ProcessRequest("userdel", "--remove", "--force", $"ch-{kind}-{suffix}"));
        }
    }

    /// <summary>Ends servers and removes folders of processes that are gone.</summary>
    /// <param name="root">Where the folders are.</param>
    public static void SweepFolders(string root)
    {
        foreach (var folder in Directory.GetDirectories(root, FolderPrefix + "*"))
        {
            if (!IsOrphan(Path.GetFileName(folder)[FolderPrefix.Length..])) continue;
            foreach (var commandLine in Directory.GetDirectories("/proc").Select(p => Path.Combine(p, "cmdline")).Where(File.Exists))
            {
                KillIfOf(folder, commandLine);
            }

            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another fixture sweeps at the same time.
            }
        }
    }

    /// <summary>Removes the accounts of processes that are gone.</summary>
    public static async Task SweepAccountsAsync(IReadOnlyList<string> kinds)
    {
        if (!Directory.Exists(SudoersFolder)) return;
        foreach (var file in Directory.GetFiles(SudoersFolder, SudoersPrefix + "*"))
        {
            var suffix = Path.GetFileName(file)[SudoersPrefix.Length..];
            if (IsOrphan(suffix)) await RemoveAccountsAsync(suffix, kinds);
        }
    }

    private static bool IsOrphan(string name) =>
        int.TryParse(name.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var owner) && !Directory.Exists($"/proc/{owner}");

    private static void KillIfOf(string folder, string commandLine)
    {
        try
        {
            if (!File.ReadAllText(commandLine).Contains(folder + "/", StringComparison.Ordinal)) return;
            Process.GetProcessById(int.Parse(Path.GetFileName(Path.GetDirectoryName(commandLine))!, CultureInfo.InvariantCulture)).Kill();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or FormatException)
        {
            // It ended in between, or is nobody's process of ours.
        }
    }
}
