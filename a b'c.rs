    rec.step("open");
    sgz_crc32(0);
