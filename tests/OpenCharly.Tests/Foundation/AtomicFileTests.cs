using OpenCharly.Foundation;

namespace OpenCharly.Tests.Foundation;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-test-").FullName;

    [Fact]
    public void A_private_file_is_readable_by_its_owner_only()
    {
        var path = Path.Combine(_folder, "sub", "secret");
        AtomicFile.Write(path, "x", AtomicFile.Private);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(path));
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_symbolic_link_is_written_through()
    {
        var real = Path.Combine(_folder, "real");
        File.WriteAllText(real, "old");
        var link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, real);
        AtomicFile.Write(link, "new");
        Assert.Equal("new", File.ReadAllText(real));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_content_and_nothing_else()
    {
        var path = Path.Combine(_folder, "file");
        Directory.CreateDirectory(path);
        Assert.ThrowsAny<IOException>(() => AtomicFile.Write(path, "x"));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_lock_keeps_others_out_until_it_is_let_go_and_names_its_owner()
    {
        var path = Path.Combine(_folder, "lock");
        var first = await FileLock.AcquireAsync(path);
        string? owner = null;
        var second = FileLock.AcquireAsync(path, o => owner = o);
        await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(2.6)));
        Assert.False(second.IsCompleted);
        first.Dispose();
        using var taken = await second.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains($"process {Environment.ProcessId}", owner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_lock_can_be_cancelled()
    {
        var path = Path.Combine(_folder, "lock");
        using var held = await FileLock.AcquireAsync(path);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.AcquireAsync(path, cancellationToken: cancel.Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
