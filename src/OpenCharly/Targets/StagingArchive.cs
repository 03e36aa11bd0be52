using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>The files of a batch that travel to the target, as one tar: one transfer, and one program there, for any number of files.</summary>
internal static class StagingArchive
{
    /// <summary>Up to this size the archive travels inside the script.</summary>
    public const int InlineLimit = 192 * 1024;

    /// <summary>Makes sure that the files are still those that the plan was made from.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PlanFiles"/> naming the first that is not.</exception>
    public static async Task VerifyAsync(IEnumerable<StagedFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            if (!File.Exists(file.Source)) throw Stale(file, "is gone");
            var stream = File.OpenRead(file.Source);
            await using var _ = stream.ConfigureAwait(false);
            var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
            if (!digest.Equals(file.Sha256, StringComparison.OrdinalIgnoreCase)) throw Stale(file, "changed");
        }
    }

    /// <summary>Packs the files into a temporary file that goes when it is closed.</summary>
    public static async Task<Stream> PackAsync(IReadOnlyList<StagedFile> files, CancellationToken cancellationToken)
    {
        var archive = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
                UnixCreateMode = AtomicFile.Private,
            });
        var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var file in files.DistinctBy(f => f.Name))
            {
                var content = File.OpenRead(file.Source);
                await using var _ = content.ConfigureAwait(false);
                var entry = new PaxTarEntry(TarEntryType.RegularFile, file.Name) { DataStream = content, Mode = (UnixFileMode)Convert.ToInt32(file.Mode, 8) };
                await writer.WriteEntryAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }

        archive.Position = 0;
        return archive;
    }

    private static CharlyException Stale(StagedFile file, string what) => new(
        Errors.PlanFiles,
        string.Create(CultureInfo.InvariantCulture, $"{file.Source} {what} since the plan was made"),
        "Make the plan again, look at it, and apply that one.",
        target: file.Source);
}
